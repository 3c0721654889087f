"""The token validator, run for real (clauses 5a, 5b). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import ADVICE, CRITICAL, HIGH, LOW, MEDIUM, not_judged, requirement
from policies.edge.validator import Validator

_STRICT = "Take a strict JOSE library, told the one algorithm and key, and check every claim after it."
_CANONICAL = "Refuse what is not canonical before any other question, and compare whole segments."

# A token that holds


@requirement("EDGE-01a", Validator, clause="5a", severity=HIGH, remedy="Let in every token that its issuer may write.")
def test_valid_token_in_the_cookie_is_let_through(validator):
    """Who has waited in the queue and is refused waits again, and so does everybody behind."""
    breach = validator.breach("valid.valid_cookie", "let_through", needs=("cookie",))
    assert breach is None, breach


@requirement("EDGE-01b", Validator, clause="5a", severity=HIGH, remedy="Let in every token that its issuer may write.")
def test_valid_token_in_the_header_is_let_through(validator):
    """An app has no cookies: its header is its only way in."""
    breach = validator.breach("valid.valid_header", "let_through", needs=("header",))
    assert breach is None, breach


@requirement(
    "EDGE-01c",
    Validator,
    clause="5a",
    severity=HIGH,
    remedy="Return the event's own request; state what is changed on purpose as [edge] removes, adds.",
)
def test_request_goes_on_unchanged(validator):
    """What the edge rewrites, nobody behind it sees as it was sent: a lost cookie signs a viewer out, a changed path asks for another thing."""
    breach = validator.breach("valid.passing", "unchanged")
    assert breach is None, breach


@requirement(
    "EDGE-01d", Validator, clause="5a", severity=HIGH, remedy="Delete these headers from every request that goes on."
)
def test_platforms_own_headers_of_a_viewer_do_not_go_on(validator):
    """A header by which services know each other is worth nothing where a viewer can send it."""
    breach = validator.breach("valid.own_headers", "stripped", needs=("removes",))
    assert breach is None, breach


# Without one


@requirement(
    "EDGE-02a",
    Validator,
    clause="5a",
    severity=CRITICAL,
    remedy="Refuse every request to a protected path that has no token.",
)
def test_protected_path_without_a_token_is_not_let_through(validator):
    """Who comes in without waiting takes the ticket of somebody who did."""
    breach = validator.breach("valid.tokenless")
    assert breach is None, breach


@requirement("EDGE-02b", Validator, clause="5a", severity=HIGH, remedy="Answer 302 with the queue's page as Location.")
def test_viewer_without_a_token_is_sent_to_the_queue(validator):
    """An error page is where a viewer gives up; a permanent redirect is one that a browser never asks about again."""
    breach = validator.breach("valid.tokenless", "sent_to_the_queue", needs=("queue",))
    assert breach is None, breach


@requirement(
    "EDGE-02c", Validator, clause="5a", severity=HIGH, remedy="Send Cache-Control: no-store with every refusal."
)
def test_refusal_is_not_cached(validator):
    """A refusal that a browser keeps is shown again to a viewer who has waited since."""
    breach = validator.breach("valid.tokenless", "uncached")
    assert breach is None, breach


@requirement(
    "EDGE-02d",
    Validator,
    clause="+",
    severity=MEDIUM,
    remedy="Put into Location only what has been checked to be an event's id.",
)
def test_refusal_leads_to_no_other_host(validator):
    """A redirect that a link can steer is how phishing gets the platform's own address."""
    breach = validator.breach("valid.redirected", "stays_here")
    assert breach is None, breach


@requirement(
    "EDGE-02e",
    Validator,
    clause="+",
    severity=HIGH,
    remedy="Give status as a text of three digits, header names in small letters, each a list of key and value.",
)
def test_response_is_one_that_cloudfront_takes(validator):
    """For a response that it cannot read, CloudFront answers 502, and nobody comes to the queue."""
    breach = validator.breach("valid.tokenless", "legal")
    assert breach is None, breach


@requirement(
    "EDGE-02f",
    Validator,
    clause="5a",
    severity=CRITICAL,
    remedy="Refuse in the handler's catch, and wherever something cannot be read.",
)
def test_rubbish_in_place_of_a_token_is_not_let_through(validator):
    """A way through errors is a way through: whatever raises one becomes a token."""
    breach = validator.breach("shapes.rubbish", near="catch")
    assert breach is None, breach


# Paths


@requirement(
    "EDGE-03a",
    Validator,
    clause="5b",
    severity=HIGH,
    remedy="Let the stated bypass paths, and all below them, through without a token.",
)
def test_bypass_is_let_through(validator):
    """Who cannot reach the queue without a token never gets one."""
    breach = validator.breach("valid.bypasses", "let_through", needs=("protected stated", "bypass"))
    assert breach is None, breach


@requirement(
    "EDGE-03b",
    Validator,
    clause="5b",
    severity=MEDIUM,
    remedy="Ask for a token on the stated paths and below them, and nowhere else.",
)
def test_nothing_else_is_protected(validator):
    """A page that needs no waiting and asks for it drives a whole site into the queue."""
    breach = validator.breach("valid.public", "let_through", needs=("protected stated",))
    assert breach is None, breach


@requirement(
    "EDGE-03c",
    Validator,
    clause="5b",
    severity=CRITICAL,
    remedy="Compare a bypass as a whole path, or with the slash behind it; never by includes(). State each: [edge] bypass.",
)
def test_path_that_is_no_stated_bypass_is_none(validator):
    """A bypass that is found anywhere in a request is added to any request; one that the code alone knows opens what is stated as protected."""
    breach = validator.breach("paths.nearly_bypassed")
    if breach is None and validator.states_paths:
        breach = validator.breach("named.named")
    assert breach is None, breach


@requirement(
    "EDGE-03d",
    Validator,
    clause="5b",
    severity=HIGH,
    remedy="Compare protected paths in small letters, or state case-sensitive = true where capitals make another path.",
)
def test_capitals_do_not_open_a_protected_path(validator):
    """Where a proxy or a framework behind the edge does not care for capitals, /API is /api without its guard."""
    validator.require("protected")
    if validator.running.contract.case_sensitive:
        not_judged("platform.toml says that behind the edge capitals make another path ([edge] case-sensitive)")
    breach = validator.breach("paths.capitals")
    assert breach is None, breach


@requirement("EDGE-03e", Validator, clause="5b", severity=CRITICAL, remedy=_CANONICAL)
def test_dot_segments_do_not_open_a_protected_path(validator):
    """CloudFront matches a path without its dot segments and sends it on with them: /queue/../api is a bypass here and an API there."""
    breach = validator.breach("paths.dot_segments")
    assert breach is None, breach


@requirement("EDGE-03f", Validator, clause="5b", severity=CRITICAL, remedy=_CANONICAL)
def test_percent_signs_do_not_open_a_protected_path(validator):
    """The origin decodes what the edge compared undecoded."""
    breach = validator.breach("encodings.encoded")
    assert breach is None, breach


@requirement("EDGE-03g", Validator, clause="5b", severity=HIGH, remedy=_CANONICAL)
def test_double_encoding_does_not_open_a_protected_path(validator):
    """Two that each decode once decode twice."""
    breach = validator.breach("encodings.encoded_twice")
    assert breach is None, breach


@requirement("EDGE-03h", Validator, clause="5b", severity=CRITICAL, remedy=_CANONICAL)
def test_double_slashes_do_not_open_a_protected_path(validator):
    """Most servers merge slashes, and the edge compared them."""
    breach = validator.breach("paths.double_slashes")
    assert breach is None, breach


@requirement("EDGE-03i", Validator, clause="5b", severity=HIGH, remedy=_CANONICAL)
def test_backslashes_do_not_open_a_protected_path(validator):
    """Some servers and many libraries read them as slashes."""
    breach = validator.breach("encodings.backslashes")
    assert breach is None, breach


@requirement("EDGE-03j", Validator, clause="5b", severity=CRITICAL, remedy=_CANONICAL)
def test_path_parameters_do_not_open_a_protected_path(validator):
    """Java's containers take ;a=b off each segment before they look for who serves it."""
    breach = validator.breach("paths.path_parameters")
    assert breach is None, breach


@requirement("EDGE-03k", Validator, clause="5b", severity=HIGH, remedy=_CANONICAL)
def test_trailing_characters_do_not_open_a_protected_path(validator):
    """A dot, a blank or a NUL at the end is dropped by file systems and careless routers."""
    breach = validator.breach("paths.trailing")
    assert breach is None, breach


@requirement("EDGE-03l", Validator, clause="5b", severity=HIGH, remedy=_CANONICAL)
def test_other_letters_do_not_open_a_protected_path(validator):
    """Full-width and overlong characters are folded to plain ones by some."""
    breach = validator.breach("encodings.other_letters")
    assert breach is None, breach


@requirement(
    "EDGE-03m",
    Validator,
    clause="5b",
    severity=ADVICE,
    remedy="State [edge] in platform.toml; turnstile edge contract prints it.",
)
def test_contract_is_stated(validator):
    """What nobody stated was found by asking the code, which answers as it is, not as it should be."""
    validator.require()
    found = sorted(validator.running.contract.found)
    assert not found, validator.evidence(
        "nobody states {}; these were found by asking the handler: {}",
        ", ".join(found),
        validator.running.describe_found(),
    )


# Tokens: who signed what


@requirement("EDGE-04a", Validator, clause="+", severity=CRITICAL, remedy=_STRICT)
def test_altered_token_is_refused(validator):
    """A token of which a bit may change is whatever its holder makes of it."""
    breach = validator.breach("signatures.altered", near="createHmac|subtle|verify")
    assert breach is None, breach


@requirement("EDGE-04b", Validator, clause="+", severity=CRITICAL, remedy=_STRICT)
def test_token_of_another_key_is_refused(validator):
    """Anybody can sign with another key."""
    breach = validator.breach("signatures.other_key", near="createHmac|subtle|verify")
    assert breach is None, breach


@requirement("EDGE-04c", Validator, clause="+", severity=CRITICAL, remedy=_STRICT)
def test_unsigned_token_is_refused(validator):
    """alg: none is a token that anybody writes."""
    breach = validator.breach("headers.none_algorithm", near="alg|none")
    assert breach is None, breach


@requirement(
    "EDGE-04d",
    Validator,
    clause="+",
    severity=HIGH,
    remedy="Verify with the one algorithm that the issuer uses; never with the one that the token names.",
)
def test_token_of_another_algorithm_is_refused(validator):
    """Who lets the token choose has every weakness of every algorithm."""
    breach = validator.breach("headers.other_digest", near="alg")
    assert breach is None, breach


@requirement(
    "EDGE-04e", Validator, clause="+", severity=MEDIUM, remedy="Refuse a header whose alg is not exactly the one."
)
def test_header_that_names_another_algorithm_is_refused(validator):
    """A token that says one thing and is another was made by nobody that we know; the next verifier may believe what it says."""
    breach = validator.breach("headers.mislabelled", near="alg")
    assert breach is None, breach


@requirement("EDGE-04f", Validator, clause="+", severity=MEDIUM, remedy=_STRICT)
def test_header_that_is_no_json_object_is_refused(validator):
    """What one parser repairs another reads otherwise."""
    breach = validator.breach("headers.broken_header", near="header|parse")
    assert breach is None, breach


@requirement(
    "EDGE-04g", Validator, clause="+", severity=MEDIUM, remedy="Refuse JSON with a name twice, in header and claims."
)
def test_header_with_a_name_twice_is_refused(validator):
    """Two verifiers that each take another of the two check two different tokens."""
    breach = validator.breach("headers.repeated_header_name", near="parse")
    assert breach is None, breach


@requirement("EDGE-04h", Validator, clause="+", severity=MEDIUM, remedy="Refuse every token with crit or b64.")
def test_critical_header_is_refused(validator):
    """Crit says that a token must not be taken by who does not understand it (RFC 7515, 4.1.11)."""
    breach = validator.breach("headers.critical", near="crit|alg")
    assert breach is None, breach


@requirement("EDGE-04i", Validator, clause="+", severity=CRITICAL, remedy="Take the key from the configuration alone.")
def test_key_that_a_token_brings_is_not_used(validator):
    """Who brings the key to his own token signs what he likes."""
    breach = validator.breach("headers.brought_key", near="jwk|jku|kid|x5c|x5u|key")
    assert breach is None, breach


@requirement("EDGE-04j", Validator, clause="+", severity=MEDIUM, remedy="Take typ JWT alone (or none).")
def test_token_of_another_kind_is_refused(validator):
    """An access token or an encrypted one was made for another purpose (RFC 8725, 3.11)."""
    breach = validator.breach("headers.another_kind", near="typ")
    assert breach is None, breach


@requirement(
    "EDGE-04k",
    Validator,
    clause="+",
    severity=MEDIUM,
    remedy="Refuse a segment that does not come out the same when it is decoded and encoded again.",
)
def test_token_that_is_not_canonical_base64url_is_refused(validator):
    """A token with many spellings goes by every list of used or revoked ones."""
    breach = validator.breach("signatures.not_canonical", near="base64url|base64")
    assert breach is None, breach


@requirement("EDGE-04l", Validator, clause="+", severity=CRITICAL, remedy=_STRICT)
def test_token_without_its_whole_signature_is_refused(validator):
    """A part of a signature is guessed; none needs no guess."""
    breach = validator.breach("signatures.no_signature", near="signature|verify")
    assert breach is None, breach


@requirement("EDGE-04m", Validator, clause="+", severity=MEDIUM, remedy="Take exactly three segments.")
def test_token_of_another_serialisation_is_refused(validator):
    """What is left over of a token is read by somebody, or by nobody."""
    breach = validator.breach("signatures.segments", near="split")
    assert breach is None, breach


# Tokens: what they say


@requirement("EDGE-04n", Validator, clause="+", severity=CRITICAL, remedy="Refuse from the second of exp on.")
def test_expired_token_is_refused(validator):
    """A token that lasts for ever is sold."""
    breach = validator.breach("claims.expired", near="exp")
    assert breach is None, breach


@requirement("EDGE-04o", Validator, clause="+", severity=CRITICAL, remedy="Require exp.")
def test_token_without_expiry_is_refused(validator):
    """A comparison with undefined is false, and the token never ends."""
    breach = validator.breach("claims.without_expiry", near="exp")
    assert breach is None, breach


@requirement(
    "EDGE-04p", Validator, clause="+", severity=HIGH, remedy="Require exp to be a finite number (Number.isSafeInteger)."
)
def test_expiry_that_is_no_number_is_refused(validator):
    """JavaScript compares a text with a number as it pleases."""
    breach = validator.breach("claims.expiry_is_no_number", near="exp")
    assert breach is None, breach


@requirement(
    "EDGE-04q", Validator, clause="+", severity=MEDIUM, remedy="Refuse a token whose nbf (and iat) lies ahead."
)
def test_token_that_is_not_yet_valid_is_refused(validator):
    """A token for tomorrow's sale opens today's."""
    breach = validator.breach("claims.not_yet_valid", needs=("claims.not-before",), near="nbf|iat")
    assert breach is None, breach


@requirement(
    "EDGE-04r", Validator, clause="+", severity=HIGH, remedy="Compare the token's event with the path's, exactly."
)
def test_token_of_another_event_is_refused(validator):
    """Who waited for a quiet event walks into the one that everybody waits for."""
    breach = validator.breach("claims.other_event", needs=("claims.event",), near="event")
    assert breach is None, breach


@requirement("EDGE-04s", Validator, clause="+", severity=HIGH, remedy="Compare aud with the one audience.")
def test_token_of_another_audience_is_refused(validator):
    """Whatever else is signed with the same key would be a ticket to the front of the queue."""
    breach = validator.breach("claims.other_audience", needs=("claims.audience",), near="aud")
    assert breach is None, breach


@requirement("EDGE-04t", Validator, clause="+", severity=HIGH, remedy="Compare iss with the one issuer.")
def test_token_of_another_issuer_is_refused(validator):
    """A key that two issuers share makes each of them the other."""
    breach = validator.breach("claims.other_issuer", needs=("claims.issuer",), near="iss")
    assert breach is None, breach


@requirement(
    "EDGE-04u", Validator, clause="+", severity=HIGH, remedy="Require the subject to be a text that is not empty."
)
def test_token_without_subject_is_refused(validator):
    """A token of nobody is a token of everybody."""
    breach = validator.breach("claims.without_subject", near="sub")
    assert breach is None, breach


@requirement("EDGE-04v", Validator, clause="+", severity=HIGH, remedy="Require the payload to be one JSON object.")
def test_payload_that_is_no_object_is_refused(validator):
    """A payload without claims passes every check that a claim fails."""
    breach = validator.breach("payloads.payload_is_no_object", near="claims|payload|parse")
    assert breach is None, breach


@requirement(
    "EDGE-04w", Validator, clause="+", severity=MEDIUM, remedy="Refuse JSON with a name twice, in header and claims."
)
def test_claims_with_a_name_twice_are_refused(validator):
    """Edge and gateway that take another of the two let in two different people."""
    breach = validator.breach("payloads.repeated_claim", near="parse")
    assert breach is None, breach


@requirement(
    "EDGE-04x",
    Validator,
    clause="+",
    severity=HIGH,
    remedy="Read claims that are the object's own; never assign what was parsed.",
)
def test_inherited_claims_are_refused(validator):
    """__proto__ in a payload gives claims that are not in it."""
    breach = validator.breach("payloads.inherited", "alike", near="assign|parse|claims")
    assert breach is None, breach


@requirement(
    "EDGE-04y",
    Validator,
    clause="+",
    severity=LOW,
    remedy="Decode as UTF-8, fatally, and keep a byte order mark as what it is: no JSON.",
)
def test_claims_that_are_no_utf8_are_refused(validator):
    """What is repaired in reading is not what was signed."""
    breach = validator.breach("payloads.not_text", near="utf8|utf-8|TextDecoder")
    assert breach is None, breach


@requirement(
    "EDGE-04z", Validator, clause="+", severity=CRITICAL, remedy="Without a key refuse everything that is protected."
)
def test_without_a_key_nobody_is_let_in(validator):
    """A release without its secret signs with what an absent one is written as, and so can anybody."""
    validator.require_door()
    from policies.edge.conduct import keyless_doors

    doors = keyless_doors(validator.running)
    assert not doors, validator.evidence(
        "without any key it lets in who signs with {}", ", ".join(dict.fromkeys(doors)), near="secret|key|SECRET|KEY"
    )


# How a token comes


@requirement(
    "EDGE-05a",
    Validator,
    clause="+",
    severity=HIGH,
    remedy="Split at ';', trim, and compare the name before '=' whole.",
)
def test_cookie_name_matches_whole(validator):
    """A cookie that is only called alike may be set by whoever may set cookies at all."""
    breach = validator.breach("cookies.cookie_lookalikes", needs=("cookie",), near="cookie")
    assert breach is None, breach


@requirement(
    "EDGE-05b", Validator, clause="+", severity=MEDIUM, remedy="Refuse a request in which the cookie comes twice."
)
def test_repeated_cookie_decides_the_same_in_every_order(validator):
    """A browser orders cookies by path and age: a page of a sister domain puts its own before the platform's."""
    breach = validator.breach("cookies.cookie_twice", "alike", needs=("cookie",), near="cookie")
    assert breach is None, breach


@requirement(
    "EDGE-05c",
    Validator,
    clause="+",
    severity=MEDIUM,
    remedy="Read every Cookie header, and refuse a cookie that comes twice.",
)
def test_cookie_in_two_headers_decides_the_same_in_every_order(validator):
    """HTTP/2 may split Cookie into several headers, and who joins them again chooses the order."""
    breach = validator.breach("cookies.cookie_headers", "alike", needs=("cookie",), near="cookie")
    assert breach is None, breach


@requirement("EDGE-05d", Validator, clause="+", severity=MEDIUM, remedy="Refuse a token header that comes twice.")
def test_repeated_token_header_decides_the_same_in_every_order(validator):
    """The gateway may read the other of the two."""
    breach = validator.breach("transport.header_twice", "alike", needs=("header",), near="header|headers")
    assert breach is None, breach


@requirement("EDGE-05e", Validator, clause="+", severity=MEDIUM, remedy="Do not split the token header at commas.")
def test_joined_token_header_decides_the_same_in_every_order(validator):
    """Any proxy may join a repeated header by commas, in its own order."""
    breach = validator.breach("transport.header_joined", "alike", needs=("header",), near="header|headers")
    assert breach is None, breach


@requirement(
    "EDGE-05f",
    Validator,
    clause="+",
    severity=HIGH,
    remedy="Refuse a request whose cookie and header carry different tokens.",
)
def test_cookie_and_header_that_differ_are_refused(validator):
    """The edge checks the one and the gateway believes the other."""
    breach = validator.breach("transport.cookie_against_header", needs=("cookie", "header"), near="cookie|header")
    assert breach is None, breach


@requirement(
    "EDGE-05g",
    Validator,
    clause="+",
    severity=MEDIUM,
    remedy="Look for the token where it is stated to come, and nowhere else.",
)
def test_token_elsewhere_is_not_taken(validator):
    """A token in an address stands in every log and every Referer; another header is another's."""
    breach = validator.breach("transport.elsewhere", near="query|querystring|authorization")
    assert breach is None, breach


@requirement("EDGE-05h", Validator, clause="+", severity=HIGH, remedy="Skip what is no cookie of ours, whatever it is.")
def test_other_cookies_make_no_difference(validator):
    """A site has cookies of others: one of them must not keep a viewer out."""
    breach = validator.breach("cookies.neighbours", "let_through", needs=("cookie",), near="cookie")
    assert breach is None, breach


# Conduct


@requirement(
    "EDGE-06a",
    Validator,
    clause="5a",
    severity=CRITICAL,
    remedy="Make it load, with its secret where it takes it, on the Node version that Lambda runs.",
)
def test_handler_loads(validator):
    """A function that does not load answers every request with 502."""
    validator.require_run()
    running = validator.running
    assert not running.unloadable, validator.evidence("it does not load: {}", running.unloadable)


@requirement("EDGE-06b", Validator, clause="+", severity=HIGH, remedy="Catch in the handler, and refuse.")
def test_nothing_makes_it_throw(validator):
    """An exception is CloudFront's 502, and its message a line in a log."""
    for attack in ("shapes.bare", "shapes.oddities", "shapes.rubbish", "shapes.huge"):
        breach = validator.breach(attack, "does_not_throw", near="decodeURIComponent|parse")
        assert breach is None, breach


@requirement(
    "EDGE-06c",
    Validator,
    clause="+",
    severity=HIGH,
    remedy="Answer every request, in bounded time, and never end the process.",
)
def test_every_request_is_answered(validator):
    """A function that waits or dies keeps its viewers waiting until CloudFront gives up."""
    for attack in ("shapes.bare", "shapes.oddities", "shapes.rubbish", "shapes.huge"):
        breach = validator.breach(attack, "comes_to_an_end")
        assert breach is None, breach


@requirement(
    "EDGE-06d",
    Validator,
    clause="+",
    severity=HIGH,
    remedy="Split and compare instead of matching; bound lengths first.",
)
def test_time_grows_no_faster_than_the_request(validator):
    """A pattern that tries every split of a long cookie takes the function down with a handful of requests."""
    validator.require_door()
    from policies.edge.conduct import slow_kinds

    slow = slow_kinds(validator.running)
    assert not slow, validator.evidence("{}", "; ".join(map(str, slow)), near="RegExp|test|match|exec|replace")


@requirement(
    "EDGE-06e",
    Validator,
    clause="+",
    severity=MEDIUM,
    remedy="Compare digests with crypto.timingSafeEqual, or verify by the library.",
)
def test_signatures_are_compared_in_constant_time(validator):
    """A comparison that stops at the first difference tells how much of a forged signature was right."""
    validator.require_door()
    from policies.edge.conduct import comparisons

    seen = comparisons(validator.running)
    assert all(any(one.whole for one in each) for each in seen), validator.evidence(
        "a signature that differs in {} byte was refused, and no comparison in constant time was seen",
        next(
            name
            for name, each in zip(("the first", "the last", "every"), seen, strict=True)
            if not any(one.whole for one in each)
        ),
        near="===|==|createHmac|digest",
    )


@requirement(
    "EDGE-06f",
    Validator,
    clause="+",
    severity=HIGH,
    remedy="Log that a token was refused, and why; never the token, never the key.",
)
def test_nothing_secret_is_told(validator):
    """Logs are read by more people than a key is given to."""
    validator.require_door()
    from policies.edge.conduct import listen

    told = listen(validator.running).told
    assert not told, validator.evidence("{}", "; ".join(told), near="console|log|write")


@requirement(
    "EDGE-06g", Validator, clause="+", severity=MEDIUM, remedy="Decide from the request, the key and the clock alone."
)
def test_decisions_need_no_network_and_no_process(validator):
    """A call from the edge costs every viewer its time, and whom it calls learns who waits."""
    validator.require_door()
    from policies.edge.conduct import listen

    touched = listen(validator.running).touched
    assert not touched, validator.evidence(
        "it opens {}", ", ".join(touched), near="fetch|connect|request|get|exec|spawn"
    )


@requirement(
    "EDGE-06h", Validator, clause="+", severity=HIGH, remedy="Keep nothing between requests that a decision depends on."
)
def test_what_came_before_makes_no_difference(validator):
    """A token that was once let in and is remembered outlives its end, or opens another's event."""
    breach = validator.breach("sequences.sequences", "alike", near="Map|Set|cache|seen")
    assert breach is None, breach
