#!/bin/bash
# Makes the archives beside this file with the TensorFlow that each is named after. Needs pyenv's interpreters and,
# for one version at a time, 2 GB of disk. CPU only.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
make() {  # interpreter, package, pins ...
    local interpreter=$1 scratch
    shift
    scratch=$(mktemp -d)
    "${PYENV_ROOT:-$HOME/.pyenv}/versions/$interpreter/bin/python" -m venv "$scratch"
    "$scratch/bin/pip" install --quiet --no-cache-dir "$@"
    nice "$scratch/bin/python" "$here/make_models.py" "$here"
    rm -rf "$scratch"
}
make 3.7.16 tensorflow==2.0.4 'protobuf<3.21' 'numpy<1.19' 'h5py<3'
make 3.8.18 tensorflow-cpu==2.3.4 'protobuf<3.21' 'numpy<1.19'
make 3.9.18 tensorflow-cpu==2.6.5 'protobuf<3.21' 'numpy<1.24'
make 3.9.18 tensorflow-cpu==2.9.3 'protobuf<3.20' 'numpy<1.24'
make 3.11.7 tensorflow-cpu==2.12.1
make 3.11.7 tensorflow-cpu==2.14.1
make 3.11.7 tensorflow-cpu==2.15.1
make 3.11.7 tensorflow-cpu==2.16.2
make 3.11.7 tensorflow-cpu==2.17.1
make 3.11.7 tensorflow-cpu==2.18.1
