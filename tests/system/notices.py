#!/usr/bin/env python3
"""notices.py PORT FOLDER: takes notices; each becomes a line of FOLDER/notices (JSON: headers, body).

While FOLDER/down exists it answers 503, while FOLDER/moved exists a redirect to an inner address.
"""
import http.server
import json
import os
import sys

folder = sys.argv[2]


class Notices(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open(f"{folder}/asked", "a", encoding="utf-8") as f:
            f.write(".")
        if os.path.exists(f"{folder}/down"):
            self.send_response(503)
        elif os.path.exists(f"{folder}/moved"):
            self.send_response(302)
            self.send_header("Location", "http://localhost:1/")
        else:
            with open(f"{folder}/notices", "a", encoding="utf-8") as f:
                head = {k.lower(): v for k, v in self.headers.items()}
                f.write(json.dumps({"headers": head, "body": body}) + "\n")
            self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):  # a redirect would come here
        with open(f"{folder}/followed", "w", encoding="utf-8"):
            pass
        self.send_error(404)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Notices).serve_forever()
