"""What one process of a user can get of another one: files of /proc, reads of its memory, a debugger."""
import ctypes
import os
import subprocess

ALL = {"mem", "environ", "maps", "fd", "auxv", "exe", "syscall", "process_vm_readv", "gdb"}


def readable(pid):
    """Those of ALL that are open to us."""
    found = set()
    for name in ("mem", "environ", "maps", "fd", "auxv", "exe", "syscall"):
        try:
            path = f"/proc/{pid}/{name}"
            if name == "fd":
                os.listdir(path)
            elif name == "exe":
                os.readlink(path)
            else:
                with open(path, "rb", buffering=0) as file:
                    name == "mem" or file.read(1)
            found.add(name)
        except PermissionError:
            pass
    local, there = ctypes.create_string_buffer(8), (ctypes.c_void_p * 2)(0x400000, 8)
    here = (ctypes.c_void_p * 2)(ctypes.addressof(local), 8)
    ctypes.set_errno(0)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.process_vm_readv(pid, here, 1, there, 1, 0)
    if ctypes.get_errno() != 1:  # EPERM
        found.add("process_vm_readv")
    gdb = subprocess.run(["gdb", "-batch", "-nx", "-p", str(pid)], capture_output=True, text=True, timeout=60)
    if "Operation not permitted" not in gdb.stderr:
        found.add("gdb")
    return found
