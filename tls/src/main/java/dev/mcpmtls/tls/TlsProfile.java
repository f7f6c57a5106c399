// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.tls.handshake.HandshakeLog;
import dev.mcpmtls.tls.handshake.Handshakes;
import dev.mcpmtls.tls.handshake.Hellos;
import dev.mcpmtls.tls.reload.AnchorSource;
import dev.mcpmtls.tls.reload.CredentialSource;
import dev.mcpmtls.tls.reload.FileWatch;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.OcspResponse;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Rejection;
import dev.mcpmtls.trust.Tolerance;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our credential and our trust, ready to be put under HTTP. Immutable; one profile may serve many servers and clients. It suits {@code
 * java.net.http} and everything that takes an {@link SSLContext}; with {@code mcp-mtls-transport}, also Vert.x ({@code VertxTls}).
 *
 * <p>Both sides always present a certificate and always verify the peer's, in full and in resumed handshakes; there is no setting that
 * turns either off. The audit sink receives every outcome.
 */
public final class TlsProfile {

    private static final Logger LOG = LoggerFactory.getLogger(TlsProfile.class);
    private static final Set<Reason> THE_PEERS_TO_TELL = EnumSet.of(Reason.UNTRUSTED_ISSUER, Reason.REVOCATION_UNKNOWN);

    private final CredentialSource credentials;
    private final PresentedCredential presented;
    private final ChainVerifier verifier;
    private final TlsEngine engine;
    private final TlsVersion minVersion;
    private final List<String> groups;
    private final List<String> cipherSuites;
    private final Duration handshakeTimeout;
    private final boolean resumesSessions;
    private final Optional<Supplier<Optional<OcspResponse>>> staple;
    private final AuditSink audit;
    private final InstantSource clock;
    private final Handshakes handshakes;
    private final AtomicReference<@Nullable Credential> objectedTo = new AtomicReference<>();

    private TlsProfile(Builder builder) {
        credentials = builder.credentials;
        verifier = builder.verifier;
        engine = builder.engine.resolve();
        minVersion = builder.minVersion;
        groups = builder.groups;
        cipherSuites = builder.cipherSuites;
        handshakeTimeout = builder.handshakeTimeout;
        resumesSessions = builder.resumesSessions;
        staple = builder.staple;
        staple.ifPresent(set -> builder.engine.requireStapling(engine));
        audit = builder.audit;
        clock = builder.clock;
        handshakes = new Handshakes(builder.maxHandshakes);
        presented = new PresentedCredential(credentials, engine, audit, clock);
        tellWhoWeAre();
    }

    /** Our credential says which anchors and which trust domain are ours, unless the verifier knows already. */
    private void tellWhoWeAre() {
        if (!verifier.knowsOwn()) {
            verifier.presents(credentials.current().chain());
            var unused = credentials.onChange(
                    () -> verifier.presents(credentials.current().chain()));
        }
    }

    /**
     * The profile for most programs: strict validation and every default, from one directory with {@code tls.crt}, {@code tls.key}
     * and {@code ca.crt}, as our store, cert-manager and Kubernetes secrets have it. The files are followed for the life of the
     * process, so a renewed credential or a new trust anchor is in use within two seconds. A file that cannot be used is logged, and the
     * last good one stays.
     *
     * @throws dev.mcpmtls.identity.UnusableCredentialException when a file is missing or cannot be used; the message names it
     */
    public static TlsProfile strict(Path directory) {
        return strict(directory, Set.of());
    }

    /** As {@link #strict(Path)}, for a private authority with faults of form: these are allowed, and peers stay {@code VERIFIED}. */
    public static TlsProfile strict(Path directory, Set<Tolerance> tolerated) {
        InstantSource clock = InstantSource.system();
        Path anchors = directory.resolve(TrustAnchors.FILE);
        TrustPolicy policy = TrustPolicy.strict(TrustAnchors.load(anchors)).withTolerances(tolerated);
        ChainVerifier verifier = new ChainVerifier(policy, clock);
        FileWatch watch = new FileWatch(AuditSink.none(), clock);
        watch.anchors(verifier, AnchorSource.of(List.of(anchors)));
        return builder(watch.credential(directory, madeFor(directory, verifier), verifier), verifier)
                .build();
    }

    private static Purpose madeFor(Path directory, ChainVerifier verifier) {
        boolean isServers = verifier.examine(Credential.load(directory).chain(), Purpose.SERVER).stream()
                .noneMatch(finding -> finding.reason() == Reason.WRONG_PURPOSE);
        return isServers ? Purpose.SERVER : Purpose.CLIENT;
    }

    /** IANA names of all cipher suites that {@link Builder#cipherSuites} takes. */
    public static List<String> supportedCipherSuites() {
        return List.of(EachConnectionContext.withoutCredential()
                .getSupportedSSLParameters()
                .getCipherSuites());
    }

    /** A profile that presents what {@code credentials} has and accepts what {@code verifier} accepts. */
    public static Builder builder(CredentialSource credentials, ChainVerifier verifier) {
        return new Builder(credentials, verifier);
    }

    /**
     * Puts this profile under a client of {@code java.net.http}; see {@link #sslContext}.
     *
     * @return {@code client}
     */
    public HttpClient.Builder secure(HttpClient.Builder client) {
        return secure(client, Optional.empty());
    }

    /**
     * As {@link #secure(HttpClient.Builder)}, for a client of one server.
     *
     * @param expected the server's identity where it is not the host that is dialled, for example its SPIFFE ID
     */
    public HttpClient.Builder secure(HttpClient.Builder client, Optional<Identity> expected) {
        warnOfObjections();
        SSLContext context = EachConnectionContext.of(this, expected);
        return client.sslContext(context).sslParameters(context.getDefaultSSLParameters());
    }

    /**
     * This profile for clients that take an {@link SSLContext}: {@code java.net.http} and what is built on it (LangChain4j),
     * Apache HttpClient, OkHttp, {@code HttpsURLConnection}.
     *
     * <pre>{@code
     * SSLContext context = profile.sslContext();
     * HttpClient.newBuilder().sslContext(context).build();                                             // java.net.http
     * new OkHttpClient.Builder().sslSocketFactory(context.getSocketFactory(), profile.trustManager()).build();
     * ClientTlsStrategyBuilder.create().setSslContext(context).buildClassic();                         // Apache HttpClient 5
     * }</pre>
     *
     * <p>Each connection is a full handshake by the JDK's engine, with the credential of the moment. The server's chain, its name
     * and the TLS version are always verified, whatever the client itself checks or enables. The name is the server name that the client
     * indicates, else the host that it passes for the socket or engine. Without either, the server is refused.
     * A refusal reaches the client as an {@link javax.net.ssl.SSLHandshakeException} with the reason and the remedy for its message, and
     * the audit sink as an event. When the server refuses our certificate, the exception names the meaning of the alert and the
     * remedy, and the audit sink receives the same event. In TLS 1.3 both come with the first read. Connections that the client keeps outlive
     * a changed credential and are not re-verified: where that matters, use {@code MtlsClientTransport}.
     *
     * @return for clients only, for any number of them; thread-safe
     */
    public SSLContext sslContext() {
        warnOfObjections();
        return EachConnectionContext.of(this, Optional.empty());
    }

    /**
     * The trust manager of {@link #sslContext}, for clients that want it beside the socket factory (OkHttp). With an
     * {@code SSLContext} of one's own it would not be asked about resumed sessions.
     */
    public X509ExtendedTrustManager trustManager() {
        return trustManager(Optional.empty(), new Hellos());
    }

    X509ExtendedTrustManager trustManager(Optional<Identity> expected, Hellos hellos) {
        return new RecordingTrustManager(
                verifier, expected, minVersion.andNewer(), new HandshakeLog(verifier, audit, clock()), hellos);
    }

    /** The engine in use; never {@link TlsEngine#AUTO}. */
    public TlsEngine engine() {
        return engine;
    }

    /** The verifier of peers' chains. */
    public ChainVerifier verifier() {
        return verifier;
    }

    /** Where the credential to present comes from. */
    public CredentialSource credentials() {
        return credentials;
    }

    /** Where this room's events go. */
    public AuditSink audit() {
        return audit;
    }

    /** The clock that gives events their time. */
    public InstantSource clock() {
        return clock;
    }

    /** The oldest TLS version spoken. */
    public TlsVersion minVersion() {
        return minVersion;
    }

    /** How long a handshake may take. */
    public Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /** The credential that the next handshake presents: the last good one. */
    public Credential credential() {
        return presented.current();
    }

    /** The OCSP response for a handshake that presents {@code credential}; empty without a current one about it. */
    public Optional<OcspResponse> staple(Credential credential) {
        return staple.flatMap(Supplier::get)
                .filter(response -> response.isAbout(credential.chain().leaf()) && response.holds(clock.instant()));
    }

    /**
     * The faults that strict peers will find in the credential that is presented now, by our own rules. Trust in its issuer and
     * access to its revocation data are left out: only the peers know.
     *
     * @param role in which it is presented
     * @return most serious first; usually empty
     */
    public List<Rejection> objections(Purpose role) {
        return verifier.examine(credential().chain(), role).stream()
                .filter(finding -> !THE_PEERS_TO_TELL.contains(finding.reason()))
                .toList();
    }

    /**
     * Logs {@link #objections} of servers before anything is dialled, once for each credential: a TLS 1.3 server reports its refusal
     * late and as a bare alert.
     */
    public void warnOfObjections() {
        Credential presents = credential();
        if (objectedTo.getAndSet(presents) != presents) {
            objections(Purpose.CLIENT)
                    .forEach(finding -> LOG.warn(
                            "servers may refuse our credential {}: {}; {}",
                            presents.name(),
                            finding.explain(),
                            presents.remedy(finding.remedy())));
        }
    }

    /** Key exchange groups, most wanted first. */
    public List<String> groups() {
        return groups;
    }

    /** IANA names of cipher suites, most wanted first; empty for a safe default. */
    public List<String> cipherSuites() {
        return cipherSuites;
    }

    /** Whether handshakes may resume earlier sessions. */
    public boolean resumesSessions() {
        return resumesSessions;
    }

    /** The count of handshakes in flight, shared by all servers that use this profile. */
    public Handshakes handshakes() {
        return handshakes;
    }

    /** Collects what a profile needs; every setting has a safe default. */
    public static final class Builder {

        private final CredentialSource credentials;
        private final ChainVerifier verifier;
        private TlsEngine engine = TlsEngine.AUTO;
        private TlsVersion minVersion = TlsVersion.TLS_1_3;
        private List<String> groups = List.of("X25519MLKEM768", "X25519", "P-256");
        private List<String> cipherSuites = List.of();
        private Duration handshakeTimeout = Duration.ofSeconds(10);
        private int maxHandshakes = 4_096;
        private boolean resumesSessions = true;
        private Optional<Supplier<Optional<OcspResponse>>> staple = Optional.empty();
        private AuditSink audit = AuditSink.none();
        private InstantSource clock = InstantSource.system();

        private Builder(CredentialSource credentials, ChainVerifier verifier) {
            this.credentials = credentials;
            this.verifier = verifier;
        }

        /** The engine; default {@link TlsEngine#AUTO}. */
        public Builder engine(TlsEngine choice) {
            engine = choice;
            return this;
        }

        /** The oldest TLS version spoken; default TLS 1.3. */
        public Builder minVersion(TlsVersion oldest) {
            minVersion = oldest;
            return this;
        }

        /** Key exchange groups, most wanted first; default X25519MLKEM768, X25519, P-256. The JDK's engine drops those it lacks. */
        public Builder groups(List<String> mostWantedFirst) {
            groups = List.copyOf(mostWantedFirst);
            return this;
        }

        /** IANA names of cipher suites, most wanted first; default, when empty, a safe list. */
        public Builder cipherSuites(List<String> mostWantedFirst) {
            cipherSuites = List.copyOf(mostWantedFirst);
            return this;
        }

        /**
         * How long a handshake may take; default 10 seconds. A server gives each client its own part of it, at least four fifths, so
         * that a crowd does not end at once.
         */
        public Builder handshakeTimeout(Duration limit) {
            handshakeTimeout = limit;
            return this;
        }

        /**
         * How many clients may be in their handshakes at a time, a quarter of them from one address (IPv6: one /64 network);
         * default 4096. One more is disconnected at once.
         *
         * @throws IllegalArgumentException when it is not positive
         */
        public Builder maxHandshakes(int limit) {
            if (limit <= 0) {
                throw new IllegalArgumentException("a limit must be positive, not " + limit);
            }
            maxHandshakes = limit;
            return this;
        }

        /** Makes every handshake a full one. Resumed peers are verified again in any case. */
        public Builder withoutSessionResumption() {
            resumesSessions = false;
            return this;
        }

        /**
         * Has servers staple an OCSP response to their certificate for clients that ask (RFC 6066, section 8); default none. Only
         * BoringSSL can. A response that has ended, or is about another certificate than the one presented, is left out.
         *
         * @param source asked at each handshake, must not block; see {@link FileWatch#ocspResponse}
         */
        public Builder ocspStaple(Supplier<Optional<OcspResponse>> source) {
            staple = Optional.of(source);
            return this;
        }

        /** Where events go; default nowhere. */
        public Builder audit(AuditSink sink) {
            audit = sink;
            return this;
        }

        /** The clock that gives events their time; default the system's clock. */
        public Builder clock(InstantSource source) {
            clock = source;
            return this;
        }

        /**
         * The profile.
         *
         * @throws IllegalStateException when BoringSSL is asked for and does not load, or the JDK's engine is asked for and is to staple
         * @throws dev.mcpmtls.identity.UnusableCredentialException when the engine cannot present the credential
         */
        public TlsProfile build() {
            return new TlsProfile(this);
        }
    }
}
