"""DEPTHWISE_CONV_2D by fours of channels gives the golden bytes."""


def test_every_depthwise_convolution_is_golden(c_libraries, c_cases):
    c_cases.assert_golden_on_the_host(c_libraries, c_cases.depthwise, range(48))
