"""CONV_2D by fours of channels gives the golden bytes."""


def test_every_convolution_is_golden(c_libraries, c_cases):
    c_cases.assert_golden_on_the_host(c_libraries, c_cases.convolution, range(48))
