"""DEPTHWISE_CONV_2D by DSP instructions give the golden bytes, on the core that has them."""

from edgekit.converters.c import Isa


def test_every_depthwise_convolution_is_golden(c_libraries, c_boards, c_cases):
    c_boards.assert_cases_golden(c_libraries, c_cases.depthwise, range(48), Isa.DSP)
