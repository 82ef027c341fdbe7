"""converters/engines"""
