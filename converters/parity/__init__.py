"""converters/parity"""
