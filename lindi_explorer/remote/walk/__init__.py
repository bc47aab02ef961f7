"""Reading ahead: a walk over the metadata of a remote HDF5 file, before HDF5 itself reads it.

HDF5's metadata is a tree of small records that are scattered over the file. HDF5 follows it one dependent
read after the other, and each costs a round trip. The walk follows it too, but along all branches at once,
and puts what it fetches into the pages from which HDF5's reads are answered.

HDF5 stays the only parser. The rules here merely guess which bytes it will want: a wrong or missing rule
costs a request when HDF5 asks for the bytes itself, and never gives a wrong byte.

* ``want``, ``cursor``, ``survey``: what rules ask for, how they read numbers, what they share.
* The rules, without I/O, one file for each structure of the format. Sections in their docstrings are those of
  the "HDF5 File Format Specification Version 3.0".
* ``schedule``: wants become requests. ``run``: the walk over a remote file, on an event loop of its own.

To add a rule: a function that takes the bytes of a structure and yields `Survey.visit` of what it leads to,
and a line where the structure is met: ``messages`` (by type), ``layout`` (kinds of layout and chunk index).
"""

from lindi_explorer.remote.walk.run import read_ahead

__all__ = ["read_ahead"]
