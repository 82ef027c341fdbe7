"""The parts of ``onnx_node_tests.py``: cases, engines, child processes, tables and pages."""
