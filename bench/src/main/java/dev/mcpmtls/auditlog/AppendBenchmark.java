// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.audit.ConnectionFacts.Side;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A decision about a call, from the event to the file, as callers wait for it: 16 at a time, and alone. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AppendBenchmark {

    private static final int TOGETHER = 16;

    private final AuditEvent decided = decided();

    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private AuditLog log;

    /** A log in a directory of its own. */
    @Setup
    public void open() throws IOException {
        directory = Files.createTempDirectory("audit-bench");
        log = AuditLog.open(AuditSettings.of(directory.resolve("audit.jsonl")), "bench");
    }

    /** Removes the log. */
    @TearDown
    public void remove() throws IOException {
        log.close();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }

    /** As on 16 connections. */
    @Benchmark
    @OperationsPerInvocation(TOGETHER)
    public void appendTogether() {
        List<CompletableFuture<Void>> written = new ArrayList<>();
        for (int i = 0; i < TOGETHER; i++) {
            written.add(log.record(decided).toCompletableFuture());
        }
        written.forEach(CompletableFuture::join);
    }

    /** As on one connection. */
    @Benchmark
    public void appendAlone() {
        log.record(decided).toCompletableFuture().join();
    }

    private static AuditEvent decided() {
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
