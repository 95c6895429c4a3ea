"""The long forms of LG604 to LG611."""

from __future__ import annotations

__all__ = ["CSRF", "FORBIDDEN", "GATEWAY", "PAGE", "REFUSED", "TIMED_OUT", "TLS", "UNRESOLVED"]

_AFTERWARDS = """
No kernel restart is needed once Livy answers again: run the cell. A session that was there has kept its variables, as
long as it has not idled out and Livy was not restarted without recovery. Where SparkMagic goes on repeating the error,
`%livy_recover` makes it forget it.
"""

REFUSED = f"""
## What it means

The machine of Livy's address answers, and nothing takes connections at the port.

## Why

Livy is stopped or is being restarted (that takes a minute), the address has another port (8998 is Livy's own), or it
leads through a tunnel that is closed: with `localhost` in the address, mostly the latter.

## What to do

`livyguard sessions` in a terminal asks the same address in the same way. On Livy's machine, `curl
localhost:8998/version` says whether it runs.
{_AFTERWARDS}"""

TIMED_OUT = f"""
## What it means

Nothing came back in time: livyguard waits 5 seconds for a connection, 15 for an answer to a GET, 60 for a new session.

## Why

- No connection: a firewall or a security group drops what is sent to the port, or the address is of a machine that is
  off.
- A connection and no answer: Livy is overloaded, short of memory, or waits itself: for a driver that is starting, for
  YARN, for a log-in server.
- A connection that was cut: Livy was stopped or restarted midway, or a balancer or a proxy closes what lasts longer
  than it waits.

## What to do

`livyguard sessions` says after how long, and at which step. Where Livy takes the connection and is silent for
everybody, the operator looks at its log and its memory.
{_AFTERWARDS}"""

UNRESOLVED = f"""
## What it means

No server of names that this machine asks knows the host in Livy's address.

## Why

A slip in `kernel_python_credentials`, a VPN that is not connected, or a cluster that was started anew: its head node
has another name.

## What to do

`getent hosts NAME` (or `nslookup NAME`) asks for the name alone. Put the right address into SparkMagic's config.json; a
notebook that is open reads the file when its kernel is restarted.
{_AFTERWARDS}"""

TLS = f"""
## What it means

The connection is to be encrypted, and this machine does not accept who answers, or cannot agree with it. Nothing was
sent.

## Why

| the error says | it means | what mends it |
|---|---|---|
| self-signed certificate | nobody here knows who signed it | the authority's certificate, in `REQUESTS_CA_BUNDLE` |
| unable to get local issuer certificate | the same | the same |
| certificate has expired | its time is over, or this machine's clock is wrong | a new certificate; the clock |
| Hostname mismatch, IP address mismatch | it is for another name than the address has | its name in the address |
| wrong version number, unexpected EOF | what answers does not speak TLS there | `http://`, or the other port |

## What to do

For an authority of your own organisation: a file with its certificate, named by `REQUESTS_CA_BUNDLE` in the kernel's
environment (`env` in kernel.json, or `%env` in a cell). SparkMagic and livyguard both read it.

`ignore_ssl_errors` in SparkMagic's config.json makes the error go away and leaves passwords and tickets to whoever
stands between: it mends nothing.
{_AFTERWARDS}"""

FORBIDDEN = """
## What it means

Livy, or a gateway in front of it, answered 403: it knows who asks and does not let them do it.

## Why

- With `livy.server.access-control.enabled = true` a session belongs to its owner and its `proxyUser`; others get 403
  with an empty body when they run code in it, read its log or delete it.
- `User not authorised to use Livy.`: the user is not among `livy.server.access-control.allowed-users`.
- Any other page: it is of what stands in front of Livy (Knox, a load balancer, a firewall for the web), whose own rules
  say who may ask what. Its title and the `Server` header tell whose it is; its log, which rule.

## What to do

`%livy_sessions` shows whose the sessions are. If the notebook uses a session that is not yours (a log-in that changed,
a number that was pasted), `%livy_recover` makes it forget that one, and the next is your own. Who may use Livy and who
may change others' sessions is the operator's to say.
"""

CSRF = """
## What it means

Livy answered 400, `Missing Required Header for CSRF protection.`: with `livy.server.csrf-protection.enabled = true` it
takes no POST and no DELETE without the header `X-Requested-By`.

## What to do

Either works:

- `"custom_headers": {"X-Requested-By": "sparkmagic"}` in SparkMagic's config.json; it is read when a kernel starts.
- `%load_ext livyguard` as the first cell: livyguard adds the header to SparkMagic's requests.

If the notebook goes on repeating the error, `%livy_recover` makes it forget it.
"""

PAGE = f"""
## What it means

Livy speaks JSON, and what came is a page of HTML, or nothing at all. SparkMagic tells it as an internal error,
`Expecting value: line 1 column 1 (char 0)`.

## Why

- A portal in between wants a log-in, and sends its page.
- The base path is missing: behind Knox, HDInsight or a Jupyter proxy Livy's address has one
  (`/gateway/default/livy/v1`).
- The port is that of another program.

## What to do

The page's title, which livyguard quotes, mostly says whose it is. Put the right address into SparkMagic's config.json;
a notebook that is open reads the file when its kernel is restarted.
{_AFTERWARDS}"""

GATEWAY = f"""
## What it means

A gateway in front of Livy answers in its place: 502 and 504 mean that it got no answer from Livy, 503 that there is no
Livy to ask, or that it is overloaded. A page with 500 is the gateway's, or of Livy's own web server: Livy's words come
as JSON.

## Why

Livy is restarting, too busy, or takes longer for an answer than the gateway waits: a session list of thousands, the
output of a statement of many megabytes, a DELETE that waits for YARN.

## What to do

Wait a minute and run the cell again. What a lost answer was about may have happened: `%livy_sessions --mine` shows it.
livyguard never sends a request for a session twice.
{_AFTERWARDS}"""
