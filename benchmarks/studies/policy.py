"""A policy that learns to balance a pole: proximal policy optimisation (Schulman et al. 2017), with networks apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class CartPole:
    """Poles on carts, each begun anew when it falls or after 500 steps (Barto et al. 1983, as in Gymnasium)."""

    limit = 500

    def __init__(self, count: int, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.state = self.random.uniform(-0.05, 0.05, (count, 4))
        self.age = np.zeros(count, int)

    def step(self, actions: Any) -> tuple[Any, Any, Any]:
        """Push each cart left or right: the states reached, which poles fell, and which were out of time."""
        _, speed, angle, turn = self.state.T
        cosine, sine = np.cos(angle), np.sin(angle)
        push = (np.where(actions == 1, 10.0, -10.0) + 0.05 * turn**2 * sine) / 1.1
        turned = (9.8 * sine - cosine * push) / (0.5 * (4 / 3 - 0.1 * cosine**2 / 1.1))
        pushed = push - 0.05 * turned * cosine / 1.1
        self.state = self.state + 0.02 * np.stack([speed, pushed, turn, turned], 1)
        self.age += 1
        reached = self.state.copy()
        fell = (abs(reached[:, 0]) > 2.4) | (abs(reached[:, 2]) > np.pi / 15)
        late = (self.age >= self.limit) & ~fell
        over = fell | late
        self.state[over] = self.random.uniform(-0.05, 0.05, (over.sum(), 4))
        self.age[over] = 0
        return reached, fell, late


def trained(settings: Mapping[str, Any], seed: int) -> float:
    """The mean length of an episode after training, negative, over twenty; a reward of one each step."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    policy, value = (
        nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, outputs))
        for outputs in (2, 1)
    )
    with torch.no_grad():
        policy[-1].weight *= 0.01
    weights = [*policy.parameters(), *value.parameters()]
    optimizer = torch.optim.Adam(weights, settings["learning_rate"], eps=1e-5, fused=True)
    carts, steps, discount = CartPole(settings["n_envs"], seed), settings["n_steps"], settings["discount"]
    updates = max(1, settings["max_steps"] // (steps * settings["n_envs"]))

    def numbers(array: Any) -> Any:
        return torch.as_tensor(array, dtype=torch.float32)

    for update in range(updates):
        seen, chosen, likely, worth, gains, ends = [], [], [], [], [], []
        with torch.no_grad():
            for _ in range(steps):
                state = numbers(carts.state)
                actions = torch.distributions.Categorical(logits=policy(state))
                action = actions.sample()
                reached, fell, late = carts.step(action.numpy())
                seen.append(state), chosen.append(action), likely.append(actions.log_prob(action))
                worth.append(value(state)[:, 0])
                gains.append(1 + discount * value(numbers(reached))[:, 0] * numbers(~fell) - worth[-1])
                ends.append(numbers(fell | late))
            advantage, advantages = torch.zeros(settings["n_envs"]), []
            for gain, end in zip(reversed(gains), reversed(ends), strict=True):
                advantage = gain + discount * settings["gae_lambda"] * (1 - end) * advantage
                advantages.insert(0, advantage)
        states, acts, before, better = map(torch.cat, (seen, chosen, likely, advantages))
        returns = better + torch.cat(worth)
        if settings.get("lr_schedule") == "linear":
            optimizer.param_groups[0]["lr"] = settings["learning_rate"] * (1 - update / updates)
        for _ in range(settings["epochs"]):
            for rows in torch.randperm(len(states)).split(settings["batch_size"]):
                actions = torch.distributions.Categorical(logits=policy(states[rows]), validate_args=False)
                ratio = (actions.log_prob(acts[rows]) - before[rows]).exp()
                gain = (better[rows] - better[rows].mean()) / (better[rows].std(correction=0) + 1e-8)
                clipped = ratio.clamp(1 - settings["clip_range"], 1 + settings["clip_range"])
                loss = -torch.min(ratio * gain, clipped * gain).mean()
                loss += settings["value_coefficient"] * ((value(states[rows])[:, 0] - returns[rows]) ** 2).mean()
                loss -= settings["entropy_coefficient"] * actions.entropy().mean()
                if not torch.isfinite(loss):
                    return float("inf")
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(weights, settings["gradient_clip_norm"])
                optimizer.step()
    if not all(weight.isfinite().all() for weight in weights):
        return float("inf")
    return -_played(policy, seed)


def _played(policy: Any, seed: int, episodes: int = 20) -> float:
    import torch

    carts, lasting, steps = CartPole(episodes, 10_000 + seed), np.ones(episodes, bool), 0
    with torch.no_grad():
        while lasting.any():
            logits = policy(torch.as_tensor(carts.state, dtype=torch.float32))
            _, fell, late = carts.step(torch.distributions.Categorical(logits=logits).sample().numpy())
            steps += lasting.sum()
            lasting &= ~(fell | late)
    return float(steps / episodes)
