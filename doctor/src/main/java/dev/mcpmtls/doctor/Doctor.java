// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import dev.mcpmtls.doctor.Check.Fault;
import dev.mcpmtls.doctor.Check.Step;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.handshake.HandshakeFailure;
import dev.mcpmtls.tls.probe.TlsProbe;
import dev.mcpmtls.transport.client.ConnectionException;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.Purpose;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Connects to one MCP server as a client would, and reports on each step. One doctor examines one server, in one thread.
 *
 * <p>It probes the handshake itself first, because a client that refuses a server stops there, and then connects with the real
 * client.
 */
public final class Doctor {

    // The codes of a gateway for a server behind it that failed, is unavailable, or was too late.
    private static final Set<Integer> UPSTREAM_FAILED = Set.of(502, 503, 504);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final URI server;
    private final TlsProfile profile;
    private final Deadline deadline;
    private final McpClient client;
    private final TokenSource tokens;
    private final Map<String, String> environment;
    private final List<Check> checks = new ArrayList<>();
    private Optional<String> connectionId = Optional.empty();

    /** The real client. */
    @FunctionalInterface
    public interface McpClient {

        /**
         * Connects, lists the tools and closes.
         *
         * @param timeout for each thing that is asked
         * @throws RuntimeException a {@link ConnectionException}, or one around it
         */
        Spoken speak(Duration timeout);
    }

    /**
     * The name, versions and tools that the real client learned from the server.
     *
     * @param server the name the server gives itself
     * @param protocol the MCP version and its era
     * @param tls version, cipher suite and group
     * @param tools by name
     */
    public record Spoken(String server, String protocol, String tls, List<String> tools) {}

    /**
     * A doctor for one server.
     *
     * @param profile our credential and our trust
     * @param timeout for everything, from now on
     * @param tokens our access tokens for the server, should it want any
     * @param environment the process's variables, among which a proxy may be
     */
    public Doctor(
            URI server,
            TlsProfile profile,
            Duration timeout,
            McpClient client,
            TokenSource tokens,
            Map<String, String> environment) {
        this.server = server;
        this.profile = profile;
        this.deadline = Deadline.in(timeout);
        this.client = client;
        this.tokens = tokens;
        this.environment = environment;
    }

    /** Runs the checks; once. */
    public Diagnosis examine() {
        checks.addAll(
                Certificates.own(own(), profile.verifier().examine(own().chain(), Purpose.CLIENT), profile.clock()));
        checks.addAll(Certificates.anchors(profile.verifier()));
        List<InetSocketAddress> addresses = resolve();
        if (!addresses.isEmpty()) {
            connect(addresses);
        }
        return new Diagnosis(checks, connectionId);
    }

    private List<InetSocketAddress> resolve() {
        int port = server.getPort() < 0 ? 443 : server.getPort();
        try {
            List<InetAddress> addresses = List.of(InetAddress.getAllByName(name()));
            String all = addresses.stream().map(Reach::text).collect(Collectors.joining(", "));
            checks.add(Check.ok(Step.NAME, all.equals(name()) ? all : name() + " is " + all));
            return addresses.stream()
                    .map(address -> new InetSocketAddress(address, port))
                    .toList();
        } catch (UnknownHostException e) {
            checks.add(Check.failed(
                    Step.NAME,
                    "there is no address for the name '" + name() + "'",
                    "check the name and the DNS server"));
            return List.of();
        }
    }

    private void connect(List<InetSocketAddress> addresses) {
        Reach reach = new Reach(
                (address, time) -> TlsProbe.connect(address, name(), own(), profile.minVersion(), time),
                deadline,
                Proxies.configured(environment, server.getHost()));
        Reach.Reached reached = reach.first(addresses);
        checks.add(reached.check());
        reached.probe().ifPresent(this::shakeHands);
    }

    private void shakeHands(TlsProbe connected) {
        try (TlsProbe probe = connected) {
            connectionId = probe.connectionId();
            judge(probe);
        } catch (IOException e) {
            // Closing failed, when all was seen.
        }
    }

    private void judge(TlsProbe probe) {
        Optional<HandshakeFailure> failure = probe.failure();
        boolean isAboutUs = failure.filter(HandshakeFailure.RefusedByPeer.class::isInstance)
                .filter(refused -> probe.asksForCertificate())
                .isPresent();
        if (failure.isPresent() && !isAboutUs) {
            checks.add(new Handshakes(name(), own(), profile, deadline).explain(probe, failure.get()));
        } else if (failure.isEmpty()) {
            checks.add(Check.ok(Step.TLS, probe.agreed()));
        }
        if (probe.chain().isEmpty()) {
            return;
        }
        Certificates.Judged judged =
                Certificates.server(probe.chain().get(), profile.verifier(), name(), profile.clock());
        checks.addAll(judged.checks());
        if (failure.isPresent() && !isAboutUs) {
            return;
        }
        checks.add(Certificates.asked(probe, own(), judged.peer().isPresent()));
        Optional<HandshakeFailure> refusal =
                isAboutUs ? failure : judged.peer().isPresent() ? Optional.empty() : probe.awaitRefusal(PATIENCE);
        if (refusal.isPresent()) {
            checks.add(refused(refusal.get(), probe));
        } else if (judged.peer().isEmpty()) {
            checks.add(Check.warning(
                    Step.VERDICT,
                    "the server raised no objection, and was asked nothing because we refuse it",
                    "correct the server's certificate first"));
        } else {
            ask(probe, judged.peer().get());
        }
    }

    private Check refused(HandshakeFailure refusal, TlsProbe probe) {
        return Check.failed(Step.VERDICT, refused(refusal) + where(probe), Certificates.remedyFor(refusal, own()));
    }

    private static String refused(HandshakeFailure refusal) {
        return refusal instanceof HandshakeFailure.RefusedByPeer refused
                ? "the server refused our certificate with the alert " + refused.alert() + ": " + refused.meaning()
                : "the server refused our certificate: " + refusal.why();
    }

    private static String where(TlsProbe probe) {
        String local = Reach.text(probe.local());
        return " (its audit log says why: connection "
                + probe.connectionId().map(id -> id + ", ").orElse("") + "from " + local + ")";
    }

    private static Check silent() {
        return Check.failed(
                Step.HTTP,
                Fault.TIMED_OUT,
                "no answer after the handshake",
                "check that it is an MCP server, and its load, or allow more (" + Remedy.of(Setting.DIAGNOSIS_TIMEOUT)
                        + ")");
    }

    private void ask(TlsProbe probe, Peer peer) {
        String answer;
        Optional<Authorization> token;
        try {
            token = TokenChecks.current(tokens, deadline);
            answer = probe.exchange(
                    peer,
                    HttpAnswers.request(
                            server, token.map(ours -> ours.headers("GET")).orElse(Map.of())));
        } catch (IOException e) {
            HandshakeFailure failure = TlsProbe.failed(e);
            checks.add(failure instanceof HandshakeFailure.TimedOut ? silent() : refused(failure, probe));
            return;
        }
        if (answer.isEmpty()) {
            checks.add(probe.awaitRefusal(PATIENCE)
                    .map(refusal -> refused(refusal, probe))
                    .orElseGet(Doctor::silent));
            return;
        }
        checks.add(Check.ok(
                Step.VERDICT,
                "the server accepted our certificate"
                        + probe.connectionId().map(id -> ", connection " + id).orElse("")));
        Optional<Challenge> challenge = HttpAnswers.challenge(answer);
        List<Check> http =
                new ArrayList<>(HttpAnswers.explain(answer, server, profile.clock(), challenge, token.isPresent()));
        if (challenge.isPresent() || token.isPresent()) {
            http.addAll(new TokenChecks(server, profile, tokens, deadline).explain(challenge, token));
        }
        checks.addAll(http);
        if (http.stream().noneMatch(check -> check.status() == Check.Status.FAILED)) {
            speak();
        }
    }

    private void speak() {
        try {
            Spoken spoken = client.speak(deadline.left());
            checks.add(Check.ok(Step.MCP, spoken.server() + " speaks " + spoken.protocol() + " over " + spoken.tls()));
            checks.add(
                    spoken.tools().isEmpty()
                            ? Check.warning(
                                    Step.TOOLS,
                                    "it has none, or its access rules permit us none",
                                    "ask the operator whether our identity may use any")
                            : Check.ok(Step.TOOLS, String.join(", ", spoken.tools())));
        } catch (RuntimeException e) {
            String why = ConnectionException.in(e)
                    .map(Throwable::getMessage)
                    .orElseGet(() -> String.valueOf(e.getMessage()));
            checks.add(Check.failed(
                    Step.MCP,
                    fault(e),
                    why,
                    isUpstreams(e)
                            ? "it is the server behind this gateway that fails; the gateway's operator finds the"
                                    + " reason in its log"
                            : "check that " + server.getPath() + " is an MCP server of a version we speak"));
        }
    }

    /** Whether a gateway says that the server behind it fails. */
    private static boolean isUpstreams(RuntimeException thrown) {
        return ConnectionException.errorCode(thrown).stream().anyMatch(UPSTREAM_FAILED::contains);
    }

    private static Fault fault(RuntimeException thrown) {
        return ConnectionException.in(thrown)
                .map(Doctor::fault)
                .orElseGet(() -> isLate(thrown) ? Fault.TIMED_OUT : Fault.FAILED);
    }

    private static boolean isLate(RuntimeException thrown) {
        return Stream.<Throwable>iterate(thrown, Objects::nonNull, Throwable::getCause)
                .anyMatch(TimeoutException.class::isInstance);
    }

    private static Fault fault(ConnectionException failure) {
        if (failure instanceof ConnectionException.TimedOut) {
            return Fault.TIMED_OUT;
        }
        if (failure instanceof ConnectionException.Unreachable) {
            return Fault.UNREACHABLE;
        }
        return failure instanceof ConnectionException.UnusableAnswer ? Fault.FAILED : Fault.REFUSED;
    }

    private Credential own() {
        return profile.credentials().current();
    }

    private String name() {
        return server.getHost().replaceAll("^\\[|]$", "");
    }
}
