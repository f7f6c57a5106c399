// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.ThrowawayCa;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The cost of trust: once for a new chain, for each handshake with a known chain, and for each request. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VerdictBenchmark {

    private final ThrowawayCa ca = ThrowawayCa.root("bench");
    private final Chain client = new Chain(ca.client("client").chain());
    private final TrustPolicy policy = TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate())));
    private final ChainVerifier verifier = new ChainVerifier(policy, InstantSource.system());
    private final Peer peer = ((Verdict.Accepted) verifier.verifyClient(client)).peer();

    /** A verifier with an empty cache. */
    @Benchmark
    public Verdict verdictOfAnUnknownChain() {
        return new ChainVerifier(policy, InstantSource.system()).verifyClient(client);
    }

    /** A verifier that knows the chain. */
    @Benchmark
    public Verdict verdictOfAKnownChain() {
        return verifier.verifyClient(client);
    }

    /** The cost for every request. */
    @Benchmark
    public Optional<Rejection> recheck() {
        return verifier.recheck(peer);
    }
}
