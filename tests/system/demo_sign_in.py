# demo_sign_in.py DEMO.JSON: sign each account of the demonstration in, with password and one-time code, as a
# browser does. One line each: LOGIN and what came of it ("in" when its home page greets by name).
import base64, hashlib, hmac, html, http.cookiejar, json, re, ssl, struct, sys, time
import urllib.error, urllib.parse, urllib.request


def code(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = mac[19] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000)


def sign_in(demo, account, tls):
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=tls),
                                         urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def get(path, fields=None):
        data = urllib.parse.urlencode(fields).encode() if fields else None
        with opener.open(demo["portal"] + path, data, timeout=120) as answer:
            return answer.geturl(), answer.read().decode()

    def csrf(page):
        return html.unescape(re.search(r'name="csrf" value="([^"]*)"', page).group(1))

    url, page = get("/login")
    url, page = get("/login", {"csrf": csrf(page), "login": account["login"], "password": account["password"]})
    if "/login/code" not in url:
        return "no question for the code: " + url
    url, page = get("/login/code", {"csrf": csrf(page), "code": code(account["totp_secret"])})
    if "/login" in url:
        return "still outside: " + url
    url, page = get("/")
    return "in" if account["name"] in html.unescape(page) else "no name on " + url


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        demo = json.load(f)
    tls = ssl.create_default_context(cafile=demo["trust_root"])
    for account in demo["accounts"]:
        try:
            result = sign_in(demo, account, tls)
        except (urllib.error.URLError, AttributeError, OSError) as e:
            result = repr(e)
        print(account["login"], result, flush=True)


main()
