// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A request from bytes to record, and a response from record to bytes, about 300 bytes each. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JsonBenchmark {

    private static final String TEXT = "mutual TLS costs nothing ".repeat(8);
    private static final byte[] REQUEST = ("{\"jsonrpc\":\"2.0\",\"id\":1000000000,\"method\":\"tools/call\","
                    + "\"params\":{\"name\":\"echo\",\"arguments\":{\"text\":\"" + TEXT + "\"}}}")
            .getBytes(StandardCharsets.UTF_8);

    private final Json json = new Json(64, 4 * 1024 * 1024);
    private final CallToolResult result =
            CallToolResult.builder().addTextContent(TEXT).build();

    /** What a request costs before anything is done about it. */
    @Benchmark
    public Object parse() {
        String text = Json.text(REQUEST);
        return Json.message(text, json.read(text));
    }

    /** What its answer costs. */
    @Benchmark
    public byte[] write() {
        return json.result(1000000000, result);
    }
}
