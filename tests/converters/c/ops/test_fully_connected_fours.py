"""FULLY_CONNECTED by fours of outputs gives the golden bytes."""


def test_every_dense_layer_is_golden(c_libraries, c_cases):
    c_cases.assert_golden_on_the_host(c_libraries, c_cases.dense, range(48))
