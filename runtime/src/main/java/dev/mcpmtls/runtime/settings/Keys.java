// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.remedy.Nearest;
import dev.mcpmtls.servers.weather.Weather;
import dev.mcpmtls.transport.server.http.ListenAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The table of all settings, in the order in which they are shown. Paths inside the store are relative to {@code dir}. */
public final class Keys {

    private static final KeyTable TABLE = new KeyTable();

    /** The store. */
    public static final Key<Path> DIR =
            TABLE.key("dir", Type.path(), ".mcp-mtls", "the store: authority, credentials, audit log");

    /** The trust domain of names made by {@code init}. */
    public static final Key<String> TRUST_DOMAIN = TABLE.key(
            "trust-domain",
            Type.of("NAME", Keys::trustDomain),
            "demo.local",
            "the SPIFFE trust domain of new names; where an authority is in the store, its own");

    static {
        TABLE.addAll(TlsKeys.all());
    }

    /** The weather server. */
    public static final Server WEATHER = Server.of("weather", 8443);

    /** Where the weather comes from. */
    public static final Key<Weather.Provider> WEATHER_PROVIDER = TABLE.key(
            "servers.weather.provider",
            Type.words(Weather.Provider.values()),
            "auto",
            "where the weather comes from; auto falls back to the simulation");

    /** The datetime server. */
    public static final Server DATETIME = Server.of("datetime", 8444);

    /** The echo server. */
    public static final Server ECHO = Server.of("echo", 8445);

    /** The three servers. */
    public static final List<Server> SERVERS = List.of(WEATHER, DATETIME, ECHO);

    /** The access rules. */
    public static final Key<Path> ACCESS_FILE = TABLE.key(
            "access.file",
            Type.path(),
            "policy.yaml",
            "the access rules; without the default file every accepted peer may call everything");

    static {
        TABLE.addAll(LimitKeys.all());
    }

    /** The credential of clients. */
    public static final Key<String> COORDINATOR_CREDENTIAL = TABLE.key(
            "coordinator.credential",
            Type.text("NAME"),
            "coordinator",
            "the credential of ask, tools, call and doctor");

    /** The servers that the coordinator asks. */
    public static final Key<List<String>> COORDINATOR_SERVERS = TABLE.list(
            "coordinator.servers",
            Type.of("SERVER", Keys::server),
            List.of("weather", "datetime", "echo"),
            "the servers that ask uses: names of servers, or URLs");

    /** How long a question may take. */
    public static final Key<Duration> COORDINATOR_TIMEOUT =
            TABLE.key("coordinator.timeout", Type.duration(), "30s", "how long a question or call may take");

    static {
        TABLE.addAll(ModelKeys.all());
        TABLE.addAll(OAuthKeys.all());
        TABLE.addAll(AuditKeys.all());
    }

    /** The key of sessions with upstream servers. */
    public static final Key<Path> GATEWAY_KEY_FILE = TABLE.key(
            "gateway.key-file",
            Type.path(),
            "gateway.key",
            "the key that seals sessions with servers of one's own, which replicas share; made when it is missing");

    /** Where health and metrics are. */
    public static final Key<ListenAddress> HEALTH_LISTEN = TABLE.optional(
            "health.listen",
            Type.of("HOST:PORT", ListenAddress::parse),
            "where serve answers /health/live, /health/ready and /metrics in plain HTTP; off when absent");

    /** How long a server goes on when it stops. */
    public static final Key<Duration> HEALTH_DRAIN = TABLE.optional(
            "health.drain",
            Type.duration(),
            "how long serve goes on after SIGTERM while its health says so, for balancers to turn to other replicas;"
                    + " none when absent");

    static {
        TABLE.addAll(ConsoleKeys.all());
        TABLE.addAll(TelemetryKeys.all());
    }

    /** The lifetime of leaf certificates. */
    public static final Key<Duration> LEAF_LIFETIME =
            TABLE.key("authority.leaf-lifetime", Type.duration(), "24h", "how long new certificates are valid");

    /** The lifetime of the authority. */
    public static final Key<Duration> AUTHORITY_LIFETIME =
            TABLE.key("authority.lifetime", Type.duration(), "3650d", "how long a new authority is valid");

    /** The keys that are made. */
    public static final Key<KeyType> AUTHORITY_KEY = TABLE.key(
            "authority.key", Type.oneOf(List.of(KeyType.values()), KeyType::text), "EC-P256", "the type of new keys");

    static {
        TABLE.addAll(EnrolmentKeys.all());
    }

    private Keys() {}

    /** Every setting, in the order in which they are shown. */
    public static List<Key<?>> all() {
        return TABLE.all();
    }

    /**
     * The settings of one of the three servers.
     *
     * @param name for example {@code weather}
     */
    public record Server(String name, Key<ListenAddress> listen, Key<String> credential) {

        private static Server of(String name, int port) {
            return new Server(
                    name,
                    TABLE.key(
                            "servers." + name + ".listen",
                            Type.of("HOST:PORT", ListenAddress::parse),
                            "127.0.0.1:" + port,
                            "where the " + name + " server listens"),
                    TABLE.key(
                            "servers." + name + ".credential",
                            Type.text("NAME"),
                            name,
                            "the " + name + " server's credential"));
        }
    }

    private static String trustDomain(String text) {
        try {
            return new SpiffeId(text, "").trustDomain();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    e.getMessage() + "; use lower-case letters, digits, '.', '-' and '_', as in demo.local", e);
        }
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
                    + Nearest.to(text, names, 2)
                            .map(name -> "did you mean " + name + "? There are ")
                            .orElse("there are ")
                    + String.join(", ", names) + ", and any other by its URL, such as " + ServerUrl.EXAMPLE);
        }
        return text;
    }
}
