"""The trainings: settings and two seeds in, the loss on what was held out back.

Plain loops over PyTorch and scikit-learn as their documentation has them, one thread each. What neither the study nor
the config says is the library's own default: no decay of the rate, no warm-up, no dropout, no clipping.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.studies.data import Data, images, pixels, table, text

Settings = Mapping[str, Any]


def facts(study: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """What is known before anything is chosen: read off the data, and told by the study."""
    return {**_data(study, seed).facts, **study["facts"]}


def train(study: Mapping[str, Any], config: Settings, split: int, seed: int) -> float:
    """Train once; infinity where it diverged."""
    settings = {**study["facts"], **study.get("fixed", {}), **config}
    loss = _TRAINERS[study["trainer"]](_data(study, split), settings, seed)
    return loss if math.isfinite(loss) else math.inf


def _data(study: Mapping[str, Any], seed: int) -> Data:
    if study["data"] in _DATA:
        return _DATA[study["data"]](seed)
    if study["data"] == "text":
        return text(seed, study["fixed"]["tokens"], study["facts"]["max_sequence_length"])
    return table(study["data"], seed)


#: Data that need no more than a seed; the rest are text and scikit-learn's tables. A policy makes its own.
_DATA: Mapping[str, Callable[[int], Data]] = {
    "images": images,
    "pixels": pixels,
    "none": lambda _: Data(((), ()), ((), ()), {}),
}


# ------------------------------------------------------------------------------------------------------------- learners


#: What scikit-learn calls the parameters.
_BOOSTING = {
    "learning_rate": "learning_rate",
    "n_estimators": "max_iter",
    "max_depth": "max_depth",
    "l2": "l2_regularization",
    "min_samples_leaf": "min_samples_leaf",
    "colsample": "max_features",
    "early_stopping_patience": "n_iter_no_change",
}


def _boosting(data: Data, settings: Settings, seed: int) -> float:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.metrics import log_loss, mean_squared_error

    classes = data.facts["task"] == "classification"
    learner = (HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor)(
        random_state=seed,
        early_stopping="early_stopping_patience" in settings,
        **{word: settings[name] for name, word in _BOOSTING.items() if name in settings},
    )
    learner.fit(*data.train)
    inputs, targets = data.held_out
    if classes:
        return float(log_loss(targets, learner.predict_proba(inputs)))
    return float(mean_squared_error(targets, learner.predict(inputs)))


#: What scikit-learn calls the parameters of its other learners.
_FOREST = {"min_samples_split": "min_samples_split", "min_samples_leaf": "min_samples_leaf", "max_depth": "max_depth"}
_VECTORS = {"regularization_c": "C", "kernel_gamma": "gamma"}
_LINEAR = {"learning_rate": "eta0", "alpha_regularization": "alpha"}


def _named(settings: Settings, names: Mapping[str, str]) -> dict[str, Any]:
    return {word: settings[name] for name, word in names.items() if name in settings}


def _forest(data: Data, settings: Settings, seed: int) -> float:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    learner = RandomForestClassifier if "n_classes" in data.facts else RandomForestRegressor
    columns = {"max_features": settings["colsample"]} if "colsample" in settings else {}
    return _learnt(learner(random_state=seed, **_named(settings, _FOREST), **columns), data)


def _vectors(data: Data, settings: Settings, _: int) -> float:
    from sklearn.svm import SVC, SVR

    return _learnt((SVC if "n_classes" in data.facts else SVR)(**_named(settings, _VECTORS)), data)


def _linear(data: Data, settings: Settings, seed: int) -> float:
    from sklearn.linear_model import SGDClassifier

    steps = {"learning_rate": "adaptive"} if "learning_rate" in settings else {}
    return _learnt(SGDClassifier(loss="log_loss", random_state=seed, **steps, **_named(settings, _LINEAR)), data)


def _learnt(learner: Any, data: Data) -> float:
    """The loss of one of scikit-learn's learners: of chances, of numbers, or the share of wrong classes."""
    from sklearn.metrics import log_loss, mean_squared_error, zero_one_loss

    learner.fit(*data.train)
    inputs, targets = data.held_out
    if hasattr(learner, "predict_proba"):
        return float(log_loss(targets, learner.predict_proba(inputs)))
    loss = zero_one_loss if "n_classes" in data.facts else mean_squared_error
    return float(loss(targets, learner.predict(inputs)))


# ------------------------------------------------------------------------------------------------------------- networks


def _network(data: Data, settings: Settings, seed: int) -> float:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    classes = data.facts["task"] == "classification"
    width, layers = settings["hidden_size"], []
    for inputs in [data.train[0].shape[1], *[width] * (settings["num_layers"] - 1)]:
        layers += [nn.Linear(inputs, width), nn.ReLU(), nn.Dropout(settings.get("dropout", 0))]
    model = nn.Sequential(
        *layers, nn.Linear(width, data.facts.get("n_classes", 1)), *[] if classes else [nn.Flatten(0)]
    )
    return _fit(model, nn.CrossEntropyLoss() if classes else nn.MSELoss(), data, settings)


def _convolutional(data: Data, settings: Settings, seed: int) -> float:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    layers: list[Any] = []
    for inputs, channels in ((1, 8), (8, 16)):
        normalised = [nn.BatchNorm2d(channels)] if settings.get("batch_norm") else []
        layers += [nn.Conv2d(inputs, channels, 3, padding=1), *normalised, nn.ReLU()]
    head = [nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(settings.get("dropout", 0)), nn.Linear(16 * 16, 10)]
    return _fit(nn.Sequential(*layers, *head), nn.CrossEntropyLoss(), data, settings)


def _transformer(data: Data, settings: Settings, seed: int) -> float:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    width, length, letters = settings["hidden_size"], settings["max_sequence_length"], data.facts["vocab_size"]
    mask = nn.Transformer.generate_square_subsequent_mask(length)

    class Decoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.letters, self.places = nn.Embedding(letters, width), nn.Embedding(length, width)
            block = (width, settings["num_attention_heads"], 4 * width, settings.get("dropout", 0), "gelu")
            layer = nn.TransformerEncoderLayer(*block, batch_first=True, norm_first=True)
            self.body = nn.TransformerEncoder(layer, settings["num_layers"], nn.LayerNorm(width), False)
            self.head = nn.Linear(width, letters)

        def forward(self, tokens: Any) -> Any:
            hidden = self.letters(tokens) + self.places.weight
            return self.head(self.body(hidden, mask, is_causal=True)).transpose(1, 2)

    return _fit(Decoder(), nn.CrossEntropyLoss(), data, settings)


def _recurrent(data: Data, settings: Settings, seed: int) -> float:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    width, letters = settings["hidden_size"], data.facts["vocab_size"]

    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.letters, self.cells = nn.Embedding(letters, width), nn.LSTM(width, width, batch_first=True)
            self.head = nn.Sequential(nn.Dropout(settings.get("dropout", 0)), nn.Linear(width, letters))

        def forward(self, tokens: Any) -> Any:
            return self.head(self.cells(self.letters(tokens))[0]).transpose(1, 2)

    return _fit(Recurrent(), nn.CrossEntropyLoss(), data, settings)


def _variational(data: Data, settings: Settings, seed: int) -> float:
    """The bound of Kingma & Welling (2014): nats an image of grey values, taken for chances of white."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    width, latent, inputs = settings["hidden_size"], settings["latent_dim"], data.facts["n_features"]

    class Autoencoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, 2 * latent))
            self.decoder = nn.Sequential(nn.Linear(latent, width), nn.ReLU(), nn.Linear(width, inputs))

        def forward(self, pixels: Any) -> Any:
            mean, log_variance = self.encoder(pixels).chunk(2, 1)
            code = mean + torch.randn_like(mean) * (log_variance / 2).exp()
            return self.decoder(code), mean, log_variance

    def bound(made: Any, pixels: Any) -> Any:
        logits, mean, log_variance = made
        told = nn.functional.binary_cross_entropy_with_logits(logits, pixels, reduction="sum")
        return (told - 0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum()) / len(pixels)

    return _fit(Autoencoder(), bound, data, settings)


def _policy(_: Data, settings: Settings, seed: int) -> float:
    from benchmarks.studies.policy import trained

    return trained(settings, seed)


def _fit(model: Any, loss_of: Callable[..., Any], data: Data, settings: Settings) -> float:
    """The loss on what was held out after the last epoch, or the least of any epoch where training stops early."""
    import torch

    torch.set_num_threads(1)
    inputs, targets = _tensors(data.train)
    held_out = _tensors(data.held_out)
    size, epochs = settings["batch_size"], settings.get("epochs", 1)
    steps = epochs * math.ceil(len(inputs) / size)
    optimizer, schedule = _optimizer(model, settings), _schedule(settings, steps)
    patience = settings.get("early_stopping_patience")
    step, best, since = 0, math.inf, 0
    for epoch in range(epochs):
        model.train()
        for chosen in torch.randperm(len(inputs)).split(size):
            for group in optimizer.param_groups:
                group["lr"] = settings["learning_rate"] * schedule(step)
            optimizer.zero_grad()
            loss = loss_of(model(inputs[chosen]), targets[chosen])
            loss.backward()
            if "gradient_clip_norm" in settings:
                torch.nn.utils.clip_grad_norm_(model.parameters(), settings["gradient_clip_norm"])
            optimizer.step()
            step += 1
        if not math.isfinite(loss.item()):
            return math.inf
        if patience is None and epoch + 1 < epochs:
            continue
        held = _held_out(model, loss_of, *held_out)
        best, since = (held, 0) if held < best else (best, since + 1)
        if patience is not None and since >= patience:
            break
    return best


def _tensors(arrays: tuple[Any, Any]) -> tuple[Any, Any]:
    import torch

    inputs, targets = (torch.as_tensor(a, dtype=torch.long if a.dtype.kind in "iu" else torch.float32) for a in arrays)
    return inputs, targets


def _held_out(model: Any, loss_of: Callable[..., Any], inputs: Any, targets: Any) -> float:
    import torch

    model.eval()
    with torch.no_grad():
        return float(loss_of(model(inputs), targets))


def _optimizer(model: Any, settings: Settings) -> Any:
    import torch

    rate, decay = settings["learning_rate"], settings.get("weight_decay", 0)
    if settings["optimizer"] == "sgd":
        return torch.optim.SGD(model.parameters(), rate, momentum=settings.get("momentum", 0), weight_decay=decay)
    betas = (0.9, settings.get("beta2", 0.999))
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[settings["optimizer"]]
    return kind(model.parameters(), rate, betas=betas, weight_decay=decay, fused=True)


def _schedule(settings: Settings, steps: int) -> Callable[[int], float]:
    """Share of the rate at a step: a linear warm-up, then held or along half a cosine."""
    warmup = settings.get("warmup_ratio", 0) * steps
    decays = settings.get("lr_schedule") == "cosine"

    def share(step: int) -> float:
        if step < warmup:
            return (step + 1) / (warmup + 1)
        return (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2 if decays else 1.0

    return share


_TRAINERS: Mapping[str, Callable[[Data, Settings, int], float]] = {
    "boosting": _boosting,
    "forest": _forest,
    "vectors": _vectors,
    "linear": _linear,
    "network": _network,
    "convolutional": _convolutional,
    "transformer": _transformer,
    "recurrent": _recurrent,
    "variational": _variational,
    "policy": _policy,
}
