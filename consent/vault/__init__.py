"""No consent, no key: personal fields leave here sealed and open only under a permit.

`record` is the door: `Vault` seals and opens records, audit details and erases subjects.
Below it: `suites` (ciphers), `envelope` (one field and where it belongs), `sealed` (one record),
`keys` and `cache` (root -> member -> subject -> class), `blind` (finding without reading),
`signing` (Ed25519, JWS), `detached` (RSA and ECDSA, for partners who ask for
it), `file_kek` and `private_file` (keys in files), `fields` (what is sealed under which key) and
`digest` (SM3, for frames that ask for it).
The only package that imports `cryptography`; none of its exceptions leave it.
"""
