"""gateway_client.py GATEWAY - TAP: drive a gateway process over its socket (cgi/net/gateway_client.h)."""
import http.server
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

tests = failures = 0


def ok(passed, name):
    global tests, failures
    tests += 1
    failures += 0 if passed else 1
    print(f"{'ok' if passed else 'not ok'} {tests} - {name}", flush=True)


class Peer(http.server.BaseHTTPRequestHandler):
    def reply(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/tsa" and self.headers["Content-Type"] == "application/timestamp-query":
            self.reply(200, "application/timestamp-reply", b"stamp:" + body)
        else:
            self.reply(200, "text/html", b"<p>")

    def do_GET(self):
        self.reply(200, "application/pkix-crl", b"list")

    def log_message(self, *args):
        pass


def frame(words, url, body):
    return b"SGW1" + struct.pack(">III", len(words), len(url), len(body)) + words + url + body


def ask(path, data):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(path)
    s.sendall(data)
    got = b""
    while True:
        try:
            more = s.recv(65536)
        except ConnectionResetError:  # it did not read all of what it refused
            break
        if not more:
            break
        got += more
    s.close()
    if len(got) < 16:
        return None, None, None
    words, url, body = struct.unpack(">III", got[4:16])
    return (*got[16:16 + words].split(b"\n"), got[16 + words + url:])


def main():
    peer = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    threading.Thread(target=peer.serve_forever, daemon=True).start()
    port = peer.server_address[1]
    here = f"http://localhost:{port}".encode()
    with tempfile.TemporaryDirectory(prefix="gw-") as folder:
        sock = f"{folder}/g.sock"
        with open(f"{folder}/conf", "w", encoding="ascii") as f:
            f.write(f"gateway.allow = localhost:{port}\nlisten = {sock}\nrun_dir = {folder}\n")
        run = subprocess.Popen([sys.argv[1], "--config", f"{folder}/conf"],
                               stderr=subprocess.DEVNULL)
        for _ in range(100):
            if os.path.exists(sock):
                break
            time.sleep(0.05)
        ok(os.stat(sock).st_mode & 0o777 == 0o660, "its socket is for its group only")
        ok(ask(sock, frame(b"ping\n", b"", b""))[0] == b"ok", "it answers")
        ok(ask(sock, frame(b"tsa\n", here + b"/tsa", b"q")) == (b"ok", b"", b"stamp:q"),
           "a timestamp query is posted with its media type")
        ok(ask(sock, frame(b"crl\n", here + b"/a.crl", b"")) == (b"ok", b"", b"list"), "a list is fetched")
        ok(ask(sock, frame(b"tsa\n", here + b"/other", b"q"))[1] == b"fetch-failed",
           "a reply of another media type is refused")
        ok(ask(sock, frame(b"crl\n", b"http://127.0.0.1:%d/" % port, b""))[1] == b"gateway-refused",
           "another name for the same place is refused")
        ok(ask(sock, frame(b"crl\n", b"http://169.254.169.254/", b""))[1] == b"gateway-refused",
           "the metadata service is refused")
        ok(ask(sock, frame(b"crl\n", b"file:///etc/passwd", b""))[1] == b"url-malformed", "files are refused")
        ok(ask(sock, frame(b"shell\n", here, b""))[1] == b"gateway-refused", "unknown purposes are refused")
        ok(ask(sock, frame(b"tsa\n", here + b"/tsa", b"q" * 5000))[0] != b"ok", "a long question is refused")
        ok(ask(sock, frame(b"crl\n", here + b"/a.crl", b"x"))[1] == b"gateway-too-large",
           "a fetch carries no body")
        ok(ask(sock, b"GET / HTTP/1.1\r\n\r\n")[0] != b"ok", "what is no frame is refused")
        children = subprocess.run(["pgrep", "-P", str(run.pid)], capture_output=True, text=True,
                                  check=False).stdout.split()
        ok(len(children) == 4, "four workers")
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        time.sleep(0.2)
        ok(ask(sock, frame(b"ping\n", b"", b""))[0] == b"ok", "killed workers are replaced")
        run.terminate()
        ok(run.wait(10) == 0, "SIGTERM ends it")
    print(f"1..{tests}")
    return 1 if failures else 0


sys.exit(main())
