"""device_profiles"""
