"""Idiolect: an assistant that learns who its user is and speaks to them."""

import os

# The threads of a matrix product spin while they wait for each other, unless they are told to sleep
# before torch is loaded. This machine is somebody's, who is using it: beside other programs on two
# cores a training took 9.2 s spinning and 3.6 s sleeping.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # noqa: TID251 - the OpenMP library's setting
