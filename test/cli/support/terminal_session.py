"""A command on a pseudo-terminal, and a person before it.

Argument: JSON {"argv": […], "cwd": "…", "env": {…}, "steps": [{"expect": "…", "send": "…"}], "stdout": "terminal" | "pipe"}.
Waits for each text in turn and types the answer. Prints JSON {"screen": "…", "stdout": "…", "exit": n}; `exit` is negative for a signal.
"""
import json, os, pty, select, subprocess, sys, time

asked = json.loads(sys.argv[1])
deadline = time.monotonic() + 30
master, slave = pty.openpty()
piped = asked.get("stdout") == "pipe"


def in_new_session():
    os.setsid()
    import fcntl, termios
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


child = subprocess.Popen(
    asked["argv"], cwd=asked["cwd"], env=asked["env"], stdin=slave, stderr=slave,
    stdout=subprocess.PIPE if piped else slave, preexec_fn=in_new_session,
)
os.close(slave)
screen, stdout = b"", b""
steps = list(asked["steps"])
sources = [master] + ([child.stdout.fileno()] if piped else [])
seen = 0
while sources and time.monotonic() < deadline:
    for source in select.select(sources, [], [], 0.05)[0]:
        try:
            data = os.read(source, 65536)
        except OSError:
            data = b""
        if not data:
            sources.remove(source)
        elif source == master:
            screen += data
        else:
            stdout += data
    if steps:
        at = screen.find(steps[0]["expect"].encode(), seen)
        if at >= 0:
            seen = at + len(steps[0]["expect"])
            os.write(master, steps.pop(0)["send"].encode())
    if child.poll() is not None and not select.select(sources, [], [], 0)[0]:
        break
if child.poll() is None:
    child.kill()
print(json.dumps({"screen": screen.decode(errors="replace"), "stdout": stdout.decode(errors="replace"),
                  "exit": child.wait(), "unmet": [step["expect"] for step in steps]}))
