// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import dev.mcpmtls.doctor.Check.Fault;
import dev.mcpmtls.doctor.Check.Step;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.TlsVersion;
import dev.mcpmtls.tls.handshake.HandshakeFailure;
import dev.mcpmtls.tls.probe.TlsProbe;
import dev.mcpmtls.trust.Purpose;
import dev.mcpmtls.trust.Reason;
import dev.mcpmtls.trust.Rejection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Why a handshake failed that is not about our certificate; tries another way where that tells more.
 *
 * @param name the name of the server
 */
record Handshakes(String name, Credential own, TlsProfile profile, Deadline deadline) {

    private static final Duration IN_THE_CLEAR = Duration.ofSeconds(2);

    /** Alerts by which servers say that they share no version, cipher suite or group with us. */
    private static final Set<String> NOTHING_IN_COMMON =
            Set.of("protocol_version", "handshake_failure", "insufficient_security");

    Check explain(TlsProbe probe, HandshakeFailure failure) {
        if (failure instanceof HandshakeFailure.PeerRefused refused
                && refused.findings().get(0).reason() == Reason.PROOF_OF_POSSESSION_FAILED) {
            return Check.failed(
                    Step.TLS,
                    "the server could not prove that it holds the key of the certificate it presents",
                    Remedy.of("on the server, make tls.key and tls.crt belong together")
                            .by(Act.Verb.REKEY)
                            .text());
        }
        if (failure instanceof HandshakeFailure.RefusedByPeer refused && !NOTHING_IN_COMMON.contains(refused.alert())) {
            return Check.failed(
                    Step.TLS,
                    "the server ended the handshake with the alert " + refused.alert()
                            + ", before it asked for our certificate",
                    "look at the server's log: perhaps it cannot use its own certificate or key");
        }
        if (failure instanceof HandshakeFailure.RefusedByPeer || failure instanceof HandshakeFailure.NothingInCommon) {
            return nothingInCommon(probe.remote(), failure);
        }
        Optional<String> inTheClear = answerInTheClear(probe.remote());
        return inTheClear.map(Handshakes::notTls).orElseGet(() -> silent(failure));
    }

    private static Check silent(HandshakeFailure failure) {
        return failure instanceof HandshakeFailure.TimedOut
                ? Check.failed(
                        Step.TLS,
                        Fault.TIMED_OUT,
                        failure.why(),
                        "check that the port is a TLS server's, and that nothing in between holds packets back")
                : Check.failed(
                        Step.TLS,
                        Fault.UNREACHABLE,
                        failure.why(),
                        "look at the server's log; check that the port is a TLS server's");
    }

    private static Check notTls(String answer) {
        String first = Printable.clean(answer.lines().findFirst().orElse(""));
        boolean isProxy = answer.toLowerCase(java.util.Locale.ROOT).matches("(?s).*(\\nvia:|\\nproxy-|squid).*")
                || first.contains(" 407 ");
        return Check.failed(
                Step.TLS,
                Fault.UNREACHABLE,
                "not TLS: it answers in plain HTTP, '" + first + "'" + (isProxy ? ", as a proxy does" : ""),
                isProxy
                        ? "connect to the server itself; an HTTP proxy cannot stand in between"
                        : "use the server's TLS port, or put TLS on this one");
    }

    private Check nothingInCommon(InetSocketAddress address, HandshakeFailure failure) {
        if (profile.minVersion() == TlsVersion.TLS_1_3) {
            try (TlsProbe older = TlsProbe.connect(address, name, own, TlsVersion.TLS_1_2, deadline.left())) {
                Optional<Rejection> unfit = older.chain().stream()
                        .flatMap(chain -> profile.verifier().examine(chain, Purpose.SERVER).stream())
                        .filter(finding -> finding.reason() == Reason.WRONG_PURPOSE)
                        .findFirst();
                if (unfit.isPresent()) {
                    return Check.failed(
                            Step.SERVER_CERTIFICATE,
                            unfit.get().explain(),
                            unfit.get().remedy().text());
                }
                if (older.failure().isEmpty() || older.chain().isPresent()) {
                    return Check.failed(
                            Step.TLS,
                            "no common version: the server speaks TLSv1.2, and we speak TLSv1.3 only",
                            "enable TLSv1.3 on the server, or set tls.min-version to TLSv1.2 here");
                }
            } catch (IOException e) {
                // The first failure says enough.
            }
        }
        return Check.failed(
                Step.TLS,
                "no common TLS version or cipher suite: " + failure.why(),
                "enable TLSv1.3 with TLS_AES_128_GCM_SHA256 on the server");
    }

    private Optional<String> answerInTheClear(InetSocketAddress address) {
        try {
            String answer = TlsProbe.exchangeInTheClear(
                    address,
                    "GET / HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n\r\n",
                    deadline.leftUpTo(IN_THE_CLEAR));
            // Servers of TLS that are spoken to in plain HTTP say so in plain HTTP.
            boolean isTls = answer.contains("HTTPS port") || answer.contains("requires TLS");
            return Optional.of(answer).filter(text -> text.startsWith("HTTP/") && !isTls);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
