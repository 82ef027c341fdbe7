"""A training loop over `(x, y)` for those who have none of their own."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgekit.compressing.data import LabelledData, scores_of
from edgekit.compressing.errors import CompressionError
from edgekit.compressing.recipe import CompressionRecipe, Schedule
from edgekit.progress import Progress

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer

    Loss = Callable[[Tensor, Tensor, Tensor], Tensor]

__all__ = ["Training", "accuracy", "hard_loss"]


@dataclass(slots=True)
class Training:
    """Adam over shuffled batches; an instance is called with a module, as often as needed.

    Attributes:
        data: What trains.
        recipe: Epochs, rate, batch, schedule and seed.
        loss: (scores, classes, samples) -> what is made small.
        progress: Told of each epoch.
        losses: Mean loss of each epoch that ended.
        interrupted: Whether Ctrl-C ended it; what was trained until then is kept.
    """

    data: LabelledData
    recipe: CompressionRecipe
    loss: "Loss"
    progress: Progress
    losses: list[float] = field(default_factory=list)
    interrupted: bool = False

    def __call__(self, module: "nn.Module") -> None:
        """Train a module in place.

        Raises:
            CompressionError: The loss became NaN or infinite.
            KeyboardInterrupt: Ctrl-C before the first epoch ended.
        """
        import torch

        recipe = self.recipe
        trained = [item for item in module.parameters() if item.requires_grad]
        optimizer = torch.optim.Adam(trained, lr=recipe.rate)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            module.train()
            try:
                for epoch in range(recipe.epochs):
                    for group in optimizer.param_groups:
                        group["lr"] = recipe.rate * _share(recipe, epoch)
                    self.losses.append(self._epoch(module, optimizer))
                    self.progress.advance(epoch + 1, recipe.epochs)
            except KeyboardInterrupt:
                if not self.losses:
                    raise
                self.interrupted = True
                done = f"{len(self.losses)} of {recipe.epochs}"
                self.progress.warn(f"interrupted: what {done} epochs trained is kept")
        module.eval()

    def _epoch(self, module: "nn.Module", optimizer: "Optimizer") -> float:
        import torch

        total, count = 0.0, 0
        for batch in torch.randperm(len(self.data.x)).split(self.recipe.batch):
            if len(batch) < 2:
                continue  # batch-norm has no variance of a single sample
            x, y = self.data.x[batch], self.data.y[batch]
            optimizer.zero_grad()
            loss = self.loss(module(x), y, x)
            loss.backward()
            optimizer.step()
            total, count = total + loss.item() * len(batch), count + len(batch)
        if not math.isfinite(total):
            raise CompressionError(
                f"the loss became {total / count} in epoch {len(self.losses) + 1}",
                hint=f"lower the learning rate, which is {self.recipe.rate}",
            )
        return total / count


def hard_loss(scores: "Tensor", y: "Tensor", x: "Tensor") -> "Tensor":
    """Return the cross-entropy with the labels."""
    from torch.nn.functional import cross_entropy

    del x
    return cross_entropy(scores, y)


def accuracy(module: "nn.Module", data: LabelledData) -> float:
    """Return top-1 on the samples that are held out, in per cent."""
    batches = data.held_out_x.split(256)
    right = sum(
        int(scores_of(module, x).argmax(1).eq(y).sum())
        for x, y in zip(batches, data.held_out_y.split(256), strict=True)
    )
    return 100 * right / len(data.held_out_y)


def _share(recipe: CompressionRecipe, epoch: int) -> float:
    """Return the share of the learning rate that an epoch has."""
    if recipe.schedule is Schedule.CONSTANT:
        return 1.0
    return (1 + math.cos(math.pi * epoch / recipe.epochs)) / 2
