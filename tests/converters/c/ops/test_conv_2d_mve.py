"""CONV_2D by Helium gives the golden bytes, on the core that has them."""

from edgekit.converters.c import Isa


def test_every_convolution_is_golden(c_libraries, c_boards, c_cases):
    models = c_cases.models_of(c_libraries, c_cases.convolution, range(48))
    c_boards.assert_all_golden(c_libraries, models, Isa.MVE)
