// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.auditlog.AuditSettings.OnFailure;
import dev.mcpmtls.auditlog.AuditSettings.Sync;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.servers.weather.Weather;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.Revocation;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The table of all settings, in the order in which they are shown. Paths inside the store are relative to {@code dir}. */
public final class Keys {

    private static final List<Key<?>> TABLE = new ArrayList<>();

    /** The store. */
    public static final Key<Path> DIR =
            key("dir", Type.path(), ".mcp-mtls", "the store: authority, credentials, audit log");

    /** The trust domain of names made by {@code init}. */
    public static final Key<String> TRUST_DOMAIN = key(
            "trust-domain",
            Type.of("NAME", text -> new SpiffeId(text, "").trustDomain()),
            "demo.local",
            "the SPIFFE trust domain of the names that init gives");

    /** Strict, relaxed or pinned. */
    public static final Key<Validation> VALIDATION =
            key("tls.validation", words(Validation.values()), "strict", "how peers' certificates are validated");

    /** The checks that relaxed validation records instead of enforcing. */
    public static final Key<List<Relaxation>> RELAX = list(
            "tls.relax",
            Type.oneOf(List.of(Relaxation.values()), Relaxation::text),
            List.of(),
            "the strict checks that relaxed validation records instead of enforcing; all four when empty");

    /** The keys that pinned validation accepts. */
    public static final Key<List<PublicKeyPin>> PINS = list(
            "tls.pins",
            Type.of("sha256/BASE64", PublicKeyPin::parse),
            List.of(),
            "the public keys that pinned validation accepts");

    /** Whether pinned validation takes the first key it sees of a name. */
    public static final Key<Boolean> TRUST_ON_FIRST_USE = key(
            "tls.trust-on-first-use",
            Type.bool(),
            "false",
            "whether pinned validation remembers the first key of each name, in known_peers, instead of taking listed ones");

    /** The TLS implementation. */
    public static final Key<TlsEngine> ENGINE =
            key("tls.engine", words(TlsEngine.values()), "auto", "the TLS implementation; auto prefers BoringSSL");

    /** The oldest TLS version spoken. */
    public static final Key<TlsVersion> MIN_VERSION = key(
            "tls.min-version",
            Type.oneOf(List.of(TlsVersion.values()), TlsVersion::text),
            "TLSv1.3",
            "the oldest TLS version spoken");

    /** Cipher suites. */
    public static final Key<List<String>> CIPHER_SUITES = list(
            "tls.cipher-suites",
            Type.of("SUITE", TlsNames::cipherSuite),
            List.of(),
            "IANA names, most wanted first; a safe list when empty");

    /** Key exchange groups. */
    public static final Key<List<String>> GROUPS = list(
            "tls.groups",
            Type.of("GROUP", TlsNames::group),
            List.of("X25519MLKEM768", "X25519", "P-256"),
            "key exchange groups, most wanted first");

    /** How long a handshake may take. */
    public static final Key<Duration> HANDSHAKE_TIMEOUT =
            key("tls.handshake-timeout", Type.duration(), "10s", "how long a TLS handshake may take");

    /** Whether TLS sessions are resumed. */
    public static final Key<Boolean> SESSION_RESUMPTION = key(
            "tls.session-resumption",
            Type.bool(),
            "true",
            "whether TLS sessions are resumed; resumed peers are verified again");

    /** Where verification starts. */
    public static final Key<List<Path>> TRUST_ANCHORS = list(
            "tls.trust-anchors",
            Type.path(),
            List.of("credentials/<name>/ca.crt"),
            "PEM files of trust anchors; <name> is the credential in use");

    /** Faults of form of private authorities that are allowed. */
    public static final Key<List<Tolerance>> TOLERATE = list(
            "tls.tolerate",
            Type.oneOf(List.of(Tolerance.values()), Tolerance::text),
            List.of(),
            "faults of form of private authorities to allow; peers stay VERIFIED");

    /** The file with the passphrase of a credential whose key is encrypted. */
    public static final Key<Path> KEY_PASSPHRASE_FILE = add(new Key<>(
            "tls.key-passphrase-file",
            Type.path(),
            List.of(),
            "its first line opens a credential whose key is encrypted: tls.key or a PKCS#12 file"));

    /** Revocation lists. */
    public static final Key<List<Path>> CRL =
            list("tls.revocation.crl", Type.path(), List.of("crl.pem"), "PEM files of certificate revocation lists");

    /** Whether revocation lists are fetched. */
    public static final Key<Boolean> REVOCATION_FETCH = key(
            "tls.revocation.fetch",
            Type.bool(),
            "false",
            "whether the lists that certificates name are fetched over HTTP; every certificate then needs a list");

    /** Whether a certificate of unknown revocation status is accepted. */
    public static final Key<Revocation.Mode> REVOCATION_MODE = key(
            "tls.revocation.mode",
            words(Revocation.Mode.values()),
            "soft-fail",
            "whether a peer of unknown revocation status is accepted");

    /** Serial numbers and key pins that are always rejected. */
    public static final Key<Path> DENY_LIST = add(new Key<>(
            "tls.revocation.deny-list",
            Type.path(),
            List.of(),
            "a file of serial numbers (hexadecimal) and key pins (sha256/...) to reject always, one a line"));

    /** The OCSP response that servers staple. */
    public static final Key<Path> OCSP_RESPONSE = add(new Key<>(
            "tls.ocsp-response",
            Type.path(),
            List.of(),
            "a DER file of the OCSP response that a server staples; <name> is the credential in use"));

    /** Certificates on the way to a trust anchor; {@link #CHAIN_BYTES} bounds all that are presented. */
    public static final Key<Integer> CHAIN_LENGTH = key(
            "tls.chain.max-length", Type.number(1, 100), "8", "the maximum chain length, excluding the trust anchor");

    /** Bytes of all presented certificates, on the way to a trust anchor or not. */
    public static final Key<Long> CHAIN_BYTES = key(
            "tls.chain.max-bytes",
            Type.size(),
            "64KiB",
            "the most bytes of certificates a peer may present, used or not");

    /** The weather server. */
    public static final Server WEATHER = Server.of("weather", 8443);

    /** Where the weather comes from. */
    public static final Key<Weather.Provider> WEATHER_PROVIDER = key(
            "servers.weather.provider",
            words(Weather.Provider.values()),
            "auto",
            "where the weather comes from; auto falls back to the simulation");

    /** The datetime server. */
    public static final Server DATETIME = Server.of("datetime", 8444);

    /** The echo server. */
    public static final Server ECHO = Server.of("echo", 8445);

    /** The three servers. */
    public static final List<Server> SERVERS = List.of(WEATHER, DATETIME, ECHO);

    /** The access rules. */
    public static final Key<Path> ACCESS_FILE = key(
            "access.file",
            Type.path(),
            "policy.yaml",
            "the access rules; without the default file every accepted peer may call everything");

    /** The largest request. */
    public static final Key<Integer> MAX_BODY =
            key("http.max-body", Type.smallSize(), "4MiB", "the largest request body");

    /** Host headers that are served. */
    public static final Key<List<String>> ALLOWED_HOSTS = list(
            "http.allowed-hosts",
            Type.text("HOST"),
            List.of(),
            "the hosts that requests may name, *.example.com included; the names of the server's certificate and loopback when empty");

    /** Origin headers that are served. */
    public static final Key<List<String>> ALLOWED_ORIGINS = list(
            "http.allowed-origins",
            Type.text("ORIGIN"),
            List.of(),
            "the web origins that requests may come from, besides those of localhost, 127.0.0.1 and [::1]");

    /** How long a connection may be idle. */
    public static final Key<Duration> IDLE_TIMEOUT =
            key("http.idle-timeout", Type.duration(), "60s", "how long a connection may be idle");

    /** How long a head may take. */
    public static final Key<Duration> FIRST_REQUEST_TIMEOUT = key(
            "http.first-request-timeout",
            Type.duration(),
            "8s",
            "how long the head of the first request may take to arrive, and that of each later one once it has begun");

    /** How long a body may take. */
    public static final Key<Duration> BODY_TIMEOUT = key(
            "http.body-timeout",
            Type.duration(),
            "8s",
            "how long a request body may take, and a second more for every 16 KiB that have arrived");

    /** How long a client may take to read an answer. */
    public static final Key<Duration> WRITE_TIMEOUT = key(
            "http.write-timeout",
            Type.duration(),
            "8s",
            "how long a client may take to read 16 KiB of an answer, or stay after a refusal");

    /** Connections of a server. */
    public static final Key<Integer> MAX_CONNECTIONS = limit("connections", 10000, "connections of a server");

    /** Concurrent handshakes, by peers that are not known yet. */
    public static final Key<Integer> MAX_HANDSHAKES =
            limit("handshakes", 4096, "concurrent handshakes of a server; a quarter of them from one address");

    /** Connections of a peer. */
    public static final Key<Integer> MAX_CONNECTIONS_PER_IDENTITY =
            limit("connections-per-identity", 1000, "connections of one peer");

    /** Requests of all peers. */
    public static final Key<Integer> MAX_IN_FLIGHT = limit("in-flight", 1000, "requests of a server in flight");

    /** Requests of a peer. */
    public static final Key<Integer> MAX_IN_FLIGHT_PER_IDENTITY =
            limit("in-flight-per-identity", 100, "requests of one peer in flight");

    /** Streams of a connection. */
    public static final Key<Integer> MAX_STREAMS_PER_CONNECTION =
            limit("streams-per-connection", 100, "HTTP/2 streams, and requests in flight, of one connection");

    /** Event streams of a peer. */
    public static final Key<Integer> MAX_STREAMS_PER_IDENTITY =
            limit("streams-per-identity", 200, "long-lived event streams of one peer");

    /** Bytes of requests. */
    public static final Key<Long> MAX_REQUEST_BYTES = add(new Key<>(
            "limits.request-bytes",
            Type.size(),
            List.of(),
            "the most bytes of request bodies in memory until they are answered; an eighth of the heap when absent"));

    /** Bytes of requests of a peer. */
    public static final Key<Long> MAX_REQUEST_BYTES_PER_IDENTITY = key(
            "limits.request-bytes-per-identity",
            Type.size(),
            "8MiB",
            "the most bytes of request bodies of one peer in memory; at least one body");

    /** Bytes of answers. */
    public static final Key<Long> MAX_ANSWER_BYTES = add(new Key<>(
            "limits.answer-bytes",
            Type.size(),
            List.of(),
            "the most bytes of answers that wait to be read; an eighth of the heap when absent"));

    /** Bytes of answers of a peer. */
    public static final Key<Long> MAX_ANSWER_BYTES_PER_IDENTITY = key(
            "limits.answer-bytes-per-identity",
            Type.size(),
            "8MiB",
            "the most bytes of answers to one peer that wait to be read; at least one answer");

    /** Sessions of all peers. */
    public static final Key<Integer> MAX_SESSIONS = limit("sessions", 10000, "MCP sessions of a server");

    /** Sessions of a peer. */
    public static final Key<Integer> MAX_SESSIONS_PER_IDENTITY =
            limit("sessions-per-identity", 100, "MCP sessions of one peer");

    /** The credential of clients. */
    public static final Key<String> COORDINATOR_CREDENTIAL = key(
            "coordinator.credential",
            Type.text("NAME"),
            "coordinator",
            "the credential of ask, tools, call and doctor");

    /** The servers that the coordinator asks. */
    public static final Key<List<String>> COORDINATOR_SERVERS = list(
            "coordinator.servers",
            Type.of("SERVER", Keys::server),
            List.of("weather", "datetime", "echo"),
            "the servers that ask uses: names of servers, or URLs");

    /** How long a question may take. */
    public static final Key<Duration> COORDINATOR_TIMEOUT =
            key("coordinator.timeout", Type.duration(), "10s", "how long a question or call may take");

    /** The audit log. */
    public static final Key<Path> AUDIT_FILE =
            key("audit.file", Type.path(), "audit.jsonl", "the audit log; off: none");

    /** Whether servers answer requests that cannot be recorded. */
    public static final Key<OnFailure> AUDIT_ON_FAILURE = key(
            "audit.on-failure",
            words(OnFailure.values()),
            "deny",
            "whether servers go on when the audit log cannot be written");

    /** How durable the audit log is. */
    public static final Key<Sync> AUDIT_SYNC =
            key("audit.sync", Type.of("DURATION|always", Keys::sync), "1s", "when records reach the disk");

    /** The size at which the audit log is rotated. */
    public static final Key<Long> AUDIT_ROTATE_SIZE =
            key("audit.rotate-size", Type.size(), "64MiB", "the size at which the file is rotated and compressed");

    /** The age at which the audit log is rotated. */
    public static final Key<Duration> AUDIT_ROTATE_AFTER =
            key("audit.rotate-after", Type.duration(), "1d", "the age at which the file is rotated and compressed");

    /** How long a record may take. */
    public static final Key<Duration> AUDIT_TIMEOUT =
            key("audit.timeout", Type.duration(), "10s", "how long a record may take; then its request is refused");

    /** Rejected peers in the audit log. */
    public static final Key<Integer> AUDIT_REJECTIONS = key(
            "audit.rejections-per-minute",
            Type.number(1, 1_000_000),
            "600",
            "how many rejected handshakes a server records one by one; the others are summed up");

    /** Rejected peers from one address in the audit log. */
    public static final Key<Integer> AUDIT_REJECTIONS_PER_ADDRESS = key(
            "audit.rejections-per-minute-per-address",
            Type.number(1, 1_000_000),
            "120",
            "how many rejected handshakes from one address a server records one by one");

    /** Where health and metrics are. */
    public static final Key<Listen> HEALTH_LISTEN = add(new Key<>(
            "health.listen",
            Type.of("HOST:PORT", Listen::parse),
            List.of(),
            "where serve answers /health/live, /health/ready and /metrics in plain HTTP; off when absent"));

    /** The lifetime of leaf certificates. */
    public static final Key<Duration> LEAF_LIFETIME =
            key("authority.leaf-lifetime", Type.duration(), "24h", "how long new certificates are valid");

    /** The lifetime of the authority. */
    public static final Key<Duration> AUTHORITY_LIFETIME =
            key("authority.lifetime", Type.duration(), "3650d", "how long a new authority is valid");

    /** The keys that are made. */
    public static final Key<KeyType> AUTHORITY_KEY = key(
            "authority.key", Type.oneOf(List.of(KeyType.values()), KeyType::text), "EC-P256", "the type of new keys");

    private Keys() {}

    /** Every setting, in the order in which they are shown. */
    public static List<Key<?>> all() {
        return List.copyOf(TABLE);
    }

    /**
     * The settings of one of the three servers.
     *
     * @param name for example {@code weather}
     */
    public record Server(String name, Key<Listen> listen, Key<String> credential) {

        private static Server of(String name, int port) {
            return new Server(
                    name,
                    key(
                            "servers." + name + ".listen",
                            Type.of("HOST:PORT", Listen::parse),
                            "127.0.0.1:" + port,
                            "where the " + name + " server listens"),
                    key(
                            "servers." + name + ".credential",
                            Type.text("NAME"),
                            name,
                            "the " + name + " server's credential"));
        }
    }

    private static <T> Key<T> key(String path, Type<T> type, String standard, String doc) {
        return add(new Key<>(path, type, List.of(standard), doc));
    }

    private static <T> Key<List<T>> list(String path, Type<T> element, List<String> standard, String doc) {
        return add(new Key<>(path, Type.listOf(element), standard, doc));
    }

    private static Key<Integer> limit(String name, int standard, String what) {
        return key("limits." + name, Type.number(1, 1_000_000), Integer.toString(standard), "the most " + what);
    }

    private static <E extends Enum<E>> Type<E> words(E[] choices) {
        return Type.oneOf(
                Arrays.asList(choices),
                choice -> choice.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    /**
     * Checks what is meant as a server: one of ours by its name, or any by its URL.
     *
     * @throws IllegalArgumentException when it is neither; the message says what is wrong with it
     */
    public static String server(String text) {
        List<String> names = SERVERS.stream().map(Server::name).toList();
        if (ServerUrl.isMeant(text)) {
            ServerUrl.parse(text);
        } else if (!names.contains(text)) {
            throw new IllegalArgumentException("there is no server " + Printable.quote(text) + "; "
                    + Names.nearest(text, names, 2)
                            .map(name -> "did you mean " + name + "? There are ")
                            .orElse("there are ")
                    + String.join(", ", names) + ", and any other by its URL, such as " + ServerUrl.EXAMPLE);
        }
        return text;
    }

    private static Sync sync(String text) {
        try {
            return text.equals("always") ? new Sync.Always() : new Sync.Every(Type.parseDuration(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + ", nor 'always'", e);
        }
    }

    private static <T> Key<T> add(Key<T> key) {
        TABLE.add(key);
        return key;
    }
}
