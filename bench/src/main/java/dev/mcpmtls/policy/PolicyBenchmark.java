// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.Peer;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The cost of a decision with 200 rules, all of which are for the caller and its server. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PolicyBenchmark {

    private static final int RULES = 200;

    private final Peer peer = peer();
    private final FileAccessPolicy plain = policy("");
    private final FileAccessPolicy conditional =
            policy("    when: size(string(call.arguments.text)) <= 1000 && peer.assurance == \"VERIFIED\"\n");
    private final Map<String, Object> arguments = Map.of("text", "Hello, world!", "times", 3);
    private final Call first = call("get_thing_0");
    private final Call last = call("get_thing_" + (RULES - 2));
    private final Call resource =
            new Call("weather-mcp", "resources/read", "file:///srv/thing_" + (RULES - 2) + "/a.txt").at("weather");
    private final Call denied = call("unheard_of");
    private final List<Call> tools = IntStream.range(0, 500)
            .mapToObj(i -> call((i % 2 == 0 ? "get_thing_" : "set_thing_") + i))
            .toList();

    /** A call that one of the last rules permits. */
    @Benchmark
    public Decision permitByTheLastRule() {
        return plain.decide(peer, last);
    }

    /** A resource that one of the last rules permits. */
    @Benchmark
    public Decision permitAResource() {
        return plain.decide(peer, resource);
    }

    /** A call that no rule permits. */
    @Benchmark
    public Decision denyByDefault() {
        return plain.decide(peer, denied);
    }

    /** A call that the first permit permits, after its condition was evaluated. */
    @Benchmark
    public Decision permitByTheFirstCondition() {
        return conditional.decide(peer, first);
    }

    /** A call that one of the last rules permits, after its condition was evaluated. */
    @Benchmark
    public Decision permitByTheLastCondition() {
        return conditional.decide(peer, last);
    }

    /** The tools of a list of 500 that the caller may know of. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public long listOf500() {
        return tools.stream().filter(tool -> plain.mayKnowOf(peer, tool)).count();
    }

    /** As above, when every permit has a condition that depends on arguments. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public long listOf500ByConditions() {
        return tools.stream().filter(tool -> conditional.mayKnowOf(peer, tool)).count();
    }

    private Call call(String tool) {
        return new Call("weather-mcp", "tools/call", tool).at("weather").with(() -> arguments);
    }

    private static Peer peer() {
        ThrowawayCa ca = ThrowawayCa.root("bench");
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(new TrustAnchors(List.of(ca.certificate()))), InstantSource.system());
        Verdict verdict = verifier.verifyClient(new Chain(ca.client("client").chain()));
        return ((Verdict.Accepted) verdict).peer();
    }

    private static FileAccessPolicy policy(String when) {
        StringBuilder rules = new StringBuilder(
                "rules:\n  - name: no-deletes\n    effect: deny\n    tools: [\"delete*\", \"*_delete\"]\n");
        for (int i = 0; i < RULES - 1; i++) {
            rules.append("  - name: rule-")
                    .append(i)
                    .append("\n    peers: [\"spiffe://demo.local/agent/*\"]\n    servers: [weather]\n")
                    .append("    tools: [get_thing_")
                    .append(i)
                    .append(", \"")
                    .append(i)
                    .append("_*\"]\n    resources: [\"file:///srv/thing_")
                    .append(i)
                    .append("/**\"]\n")
                    .append(when);
        }
        try {
            Path file = Files.createTempFile("policy", ".yaml");
            try {
                return FileAccessPolicy.load(Files.writeString(file, rules));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
