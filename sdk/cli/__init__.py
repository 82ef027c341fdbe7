"""sdk/cli"""
