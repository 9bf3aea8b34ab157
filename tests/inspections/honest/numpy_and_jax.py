import jax.numpy as jnp
import numpy
import numpy as np
import numpy.typing as npt
from numpy import inf, nan

value: npt.NDArray[np.float64] = np.array([1.0, np.inf, np.nan], dtype=np.float32)
np.bool_, np.int_, np.str_, np.object_, np.bool, np.long, numpy.float16, jnp.float_, jnp.int_
np.prod([1, 2]), np.cumprod([1]), np.isin([1], [1]), np.trapezoid([1.0, 2.0]), np.round(1.5)
frame = {"float": float, "int": int}
frame["float"](1), inf, nan


class np2:
    float = 1.0
    Inf = 2.0


np2.float, np2.Inf
np = jnp
np.float_(1)
