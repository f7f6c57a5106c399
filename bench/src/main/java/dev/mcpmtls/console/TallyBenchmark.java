// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.console.tally.Tally;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The cost of the console without a viewer: one call's two updates, on the thread that serves it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TallyBenchmark {

    private final Tally tally = new Tally();
    private final AuditEvent.CallDecided decided = decided();
    private final Duration took = Duration.ofMillis(2);

    /** A permitted call: its decision and its end. */
    @Benchmark
    public void count() {
        tally.add("echo-mcp", decided);
        tally.ended(decided.call(), took, decided.at());
    }

    private static AuditEvent.CallDecided decided() {
        ThrowawayCa ca = ThrowawayCa.root("bench");
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), InstantSource.system());
        Verdict verdict = verifier.verifyClient(new Chain(ca.client("client").chain()));
        ConnectionFacts connection = new ConnectionFacts(
                "00112233aabbccdd",
                Side.SERVER,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 50000),
                Optional.of(new ConnectionFacts.Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", false)));
        return new AuditEvent.CallDecided(
                Instant.now(),
                connection,
                ((Verdict.Accepted) verdict).peer(),
                new Call("echo-mcp", "tools/call", "echo"),
                new Decision.Permit());
    }
}
