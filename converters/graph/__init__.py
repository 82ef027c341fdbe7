"""converters/graph"""
