# Part of sparsec, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""RigL: a sparse pattern that moves while a torch model trains.

    pruner = RigLPruner(sparsity=0.9)
    pruner.train(model, loss, batches, epochs=40)
"""

import math
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from sparsec.training import import_torch


class RigLPruner:
    """Trains with a sparse pattern from the start and moves it (Evci et al., 2020).

    Every `update_interval` steps the smallest weights are dropped and as many of the
    missing ones grown: those whose gradient is largest. The fraction that moves falls
    with a cosine to zero at `update_until` of the training. Layers get their sparsity
    by Erdos-Renyi: large layers more, so that the whole has `sparsity`.
    """

    def __init__(self, sparsity: float = 0.9, update_interval: int = 50,
                 drop_fraction: float = 0.3, update_until: float = 0.75,
                 seed: int = 0) -> None:
        """
        Raises:
            ValueError: if a fraction is not from 0 to 1, or the interval less than 1.
        """
        for name, value in (("sparsity", sparsity), ("drop_fraction", drop_fraction),
                            ("update_until", update_until)):
            if not 0 <= value <= 1:
                raise ValueError(f"{name} is a fraction from 0 to 1, got {value!r}")
        if update_interval < 1:
            raise ValueError(f"update_interval must be at least 1, got {update_interval}")
        self.sparsity = float(sparsity)
        self.update_interval = int(update_interval)
        self.drop_fraction = float(drop_fraction)
        self.update_until = float(update_until)
        self.seed = seed
        self.masks: Dict[str, Any] = {}
        self._parameters: Dict[str, Any] = {}
        self._steps = self._total = 0

    def attach(self, model: Any, total_steps: int,
               layers: Optional[Iterable[str]] = None) -> None:
        """Draws patterns and applies them. What is kept is scaled up by the square root
        of what is missing, so that a layer's outputs vary as they did.

        Args:
            model: a torch.nn.Module.
            total_steps: of the whole training.
            layers: names of the parameters to make sparse; all matrices if not given.

        Raises:
            ValueError: if there is no such parameter.
            ImportError: without torch.
        """
        torch = import_torch()
        named = dict(model.named_parameters())
        names = list(layers) if layers is not None else [
            name for name, parameter in named.items() if parameter.dim() == 2]
        missing = [name for name in names if name not in named]
        if missing or not names:
            raise ValueError(f"the model has no parameter {', '.join(missing) or 'matrix'}; "
                             f"it has {', '.join(named)}")
        self._parameters = {name: named[name] for name in names}
        self._steps, self._total = 0, max(int(total_steps), 1)
        generator = torch.Generator().manual_seed(self.seed)
        counts = _erdos_renyi([tuple(named[name].shape) for name in names],
                              1 - self.sparsity)
        self.masks = {}
        for name, count in zip(names, counts):
            mask = torch.zeros(named[name].numel(), dtype=torch.bool)
            mask[torch.randperm(mask.numel(), generator=generator)[:count]] = True
            self.masks[name] = mask.reshape(named[name].shape)
            with torch.no_grad():
                named[name].mul_(math.sqrt(mask.numel() / max(count, 1)))
        self.apply()

    def apply(self) -> None:
        """Sets what is not in the pattern to zero; call after an optimizer step."""
        with import_torch().no_grad():
            for name, mask in self.masks.items():
                # Not a product with the mask, which would give -0.0.
                self._parameters[name].masked_fill_(~mask, 0.0)

    def step(self, optimizer: Any = None) -> bool:
        """Counts a training step: call between backward() and the optimizer's step.

        Every update_interval steps the pattern moves and the gradient is cleared for
        the weights that are new, so that they start at zero. Returns whether it moved.

        Args:
            optimizer: whose state of grown weights is reset, if given.
        """
        self._steps += 1
        moving = self._steps % self.update_interval == 0 and \
            self._steps < self.update_until * self._total
        if moving:
            done = self._steps / (self.update_until * self._total)
            fraction = self.drop_fraction / 2 * (1 + math.cos(math.pi * done))
            for name in self.masks:
                self._move(name, fraction, optimizer)
        for name, mask in self.masks.items():
            gradient = self._parameters[name].grad
            if gradient is not None:
                gradient.masked_fill_(~mask, 0.0)
        return moving

    def train(self, model: Any, loss: Callable[[Any, Any], Any],
              batches: Callable[[int], Iterable[Tuple[Any, Any]]], epochs: int,
              optimizer: Any = None, steps_per_epoch: Optional[int] = None,
              layers: Optional[Iterable[str]] = None) -> Any:
        """A whole training: the model's matrices are sparse at every step.

        Args:
            model: a torch.nn.Module.
            loss: loss(model(x), y).
            batches: batches(epoch) gives pairs of x and y.
            epochs: how many.
            optimizer: Adam with a rate that falls to zero if not given.
            steps_per_epoch: counted with batches(0) if not given.
            layers: as in attach.

        Returns:
            The trained sparse weight as an array, or if there are several a dictionary
            of them by name.
        """
        torch = import_torch()
        steps = steps_per_epoch or sum(1 for _ in batches(0))
        self.attach(model, epochs * steps, layers)
        schedule = None
        if optimizer is None:
            optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
            schedule = torch.optim.lr_scheduler.LambdaLR(
                optimizer, lambda step: max(1 - step / (epochs * steps), 0.0))
        for epoch in range(epochs):
            for x, y in batches(epoch):
                optimizer.zero_grad()
                loss(model(x), y).backward()
                self.step(optimizer)
                optimizer.step()
                self.apply()
                if schedule:
                    schedule.step()
        weights = {name: parameter.detach().numpy().copy()
                   for name, parameter in self._parameters.items()}
        return next(iter(weights.values())) if len(weights) == 1 else weights

    def _move(self, name: str, fraction: float, optimizer: Any) -> None:
        torch = import_torch()
        parameter, mask = self._parameters[name], self.masks[name]
        if parameter.grad is None:
            raise ValueError(f"{name} has no gradient: call step() after backward()")
        flat = mask.reshape(-1)
        count = min(int(fraction * int(flat.sum())), int((~flat).sum()))
        if count == 0:
            return
        with torch.no_grad():
            weights = parameter.reshape(-1).abs()
            gradients = parameter.grad.reshape(-1).abs()
            # Grown from what was missing before, so that nothing comes straight back.
            grown = torch.where(flat, -1.0, gradients).topk(count).indices
            dropped = torch.where(flat, weights, math.inf).topk(count, largest=False).indices
            flat[dropped] = False
            flat[grown] = True
            parameter.reshape(-1)[dropped] = 0.0
            parameter.grad.reshape(-1)[grown] = 0.0
        for state in (optimizer.state.get(parameter, {}).values() if optimizer else ()):
            if torch.is_tensor(state) and state.shape == parameter.shape:
                state.reshape(-1)[grown] = 0.0


def _erdos_renyi(shapes: List[Tuple[int, ...]], density: float) -> List[int]:
    """Elements to keep of each layer: in proportion to rows + columns, none more than
    all, and density * all of them together."""
    sizes = [math.prod(shape) for shape in shapes]
    left = round(density * sum(sizes))
    counts = [0] * len(shapes)
    open_layers = set(range(len(shapes)))
    while open_layers and left:
        scale = left / sum(sum(shapes[i]) for i in open_layers)
        full = {i for i in open_layers if scale * sum(shapes[i]) >= sizes[i]}
        for i in full or open_layers:
            counts[i] = sizes[i] if full else int(scale * sum(shapes[i]))
        if not full:
            break
        left -= sum(sizes[i] for i in full)
        open_layers -= full
    return counts
