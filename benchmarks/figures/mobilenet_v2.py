"""Write a MobileNetV2 of the usual size (width 1, 224 pixels, 1000 classes) as ONNX.

Its weights are random and seeded: for `build_time.py`, which asks how long, not how good.

    python benchmarks/figures/mobilenet_v2.py mobilenet_v2.onnx
"""

import argparse
from pathlib import Path

import torch
from architectures.built import Built, Picked, pictures

_SIZE = 224
_LARGE = 0.3  # of weights before a batch norm whose epsilon, 0.001, would swallow smaller ones


def main() -> None:
    """Make the network and export it."""
    from transformers import MobileNetV2Config, MobileNetV2ForImageClassification

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    output: Path = parser.parse_args().output
    torch.manual_seed(0)
    config = MobileNetV2Config(image_size=_SIZE, num_labels=1000, initializer_range=_LARGE)
    built = Built.of(Picked(MobileNetV2ForImageClassification(config)), pictures(_SIZE))
    torch.onnx.export(
        built.module, built.inputs, str(output), dynamo=True, external_data=False, verbose=False
    )


if __name__ == "__main__":
    main()
