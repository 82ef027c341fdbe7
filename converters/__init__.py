"""From sources to proven TFLite models: lowering, quantization, contract, parity."""
