#!/bin/bash
# Makes the archives beside this file with the release that each is named after. Needs pyenv's interpreters, our own
# TensorFlow in $PYTHON for Keras 3, and for one release at a time 2 GB of disk. CPU only.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tensorflow() {  # interpreter, package, pins ...
    local interpreter=$1 scratch
    shift
    scratch=$(mktemp -d)
    "${PYENV_ROOT:-$HOME/.pyenv}/versions/$interpreter/bin/python" -m venv "$scratch"
    "$scratch/bin/pip" install --quiet --no-cache-dir "$@"
    nice "$scratch/bin/python" "$here/make_models.py" "$here"
    rm -rf "$scratch"
}
keras() {  # version
    local scratch
    scratch=$(mktemp -d)
    "${PYTHON:-python}" -m pip install --quiet --no-cache-dir --no-deps --target "$scratch" "keras==$1"
    PYTHONPATH=$scratch nice "${PYTHON:-python}" "$here/make_models.py" "$here"
    rm -rf "$scratch"
}
tensorflow 3.7.16 tensorflow==2.0.4 'protobuf<3.21' 'numpy<1.19' 'h5py<3'
tensorflow 3.7.16 tensorflow-cpu==2.1.4 'protobuf<3.21' 'numpy<1.19' 'h5py<3'
tensorflow 3.8.18 tensorflow-cpu==2.2.3 'protobuf<3.21' 'numpy<1.19' 'h5py<3'
tensorflow 3.8.18 tensorflow-cpu==2.3.4 'protobuf<3.21' 'numpy<1.19'
tensorflow 3.8.18 tensorflow-cpu==2.4.4 'protobuf<3.21' 'numpy<1.20'
tensorflow 3.9.18 tensorflow-cpu==2.5.3 'protobuf<3.21' 'numpy<1.20'
tensorflow 3.9.18 tensorflow-cpu==2.6.5 'protobuf<3.21' 'numpy<1.24'
tensorflow 3.9.18 tensorflow-cpu==2.7.4 'protobuf<3.20' 'numpy<1.24'
tensorflow 3.10.13 tensorflow-cpu==2.8.4 'protobuf<3.20' 'numpy<1.24'
tensorflow 3.9.18 tensorflow-cpu==2.9.3 'protobuf<3.20' 'numpy<1.24'
tensorflow 3.10.13 tensorflow-cpu==2.10.1 'protobuf<3.20' 'numpy<1.24'
tensorflow 3.10.13 tensorflow-cpu==2.11.1 'protobuf<3.20' 'numpy<1.24'
for minor in 2.12.1 2.13.1 2.14.1 2.15.1; do tensorflow 3.11.7 tensorflow-cpu==$minor; done
tensorflow 3.11.7 tensorflow-cpu==2.17.1 keras==3.5.0
tensorflow 3.12.1 tensorflow-cpu==2.19.1 keras==3.9.2
tensorflow 3.12.1 tensorflow-cpu==2.20.0 keras==3.11.3
for minor in 3.0.5 3.1.1 3.2.1 3.3.3 3.4.1 3.6.0 3.7.0 3.8.0 3.10.0 3.12.0 3.13.2 3.14.0 3.15.1; do keras $minor; done
# Of another backend only a few kinds; jax, jaxlib and opt_einsum lie beside that Keras.
# KERAS_BACKEND=jax PYTHONPATH=... python make_models.py . base_in_sequential bidirectional gru_stack masked attention \
#     normalised_last augmented_base dense half operations shared_layer two_heads
