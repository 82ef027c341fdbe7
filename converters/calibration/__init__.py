"""converters/calibration"""
