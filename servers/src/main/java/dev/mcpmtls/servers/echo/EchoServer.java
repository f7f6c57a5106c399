// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.servers.echo;

import dev.mcpmtls.servers.Arguments;
import dev.mcpmtls.servers.ReadOnlyTool;
import dev.mcpmtls.servers.ReadOnlyTool.Reply;
import dev.mcpmtls.servers.ServerProfile;
import dev.mcpmtls.servers.ToolFailure;
import dev.mcpmtls.transport.server.MtlsServerTransport;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.trust.Peer;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.server.McpAsyncServer;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncToolSpecification;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The {@code echo-mcp} server: {@code echo(text)} returns the text, its size and the caller's identity. */
public final class EchoServer {

    private static final ServerProfile PROFILE = new ServerProfile(
            "echo-mcp", "Echo", "echo returns a text unchanged, and the identity that your certificate proves.");

    private EchoServer() {}

    /** Runs the server over a transport. */
    public static McpAsyncServer over(MtlsServerTransport transport) {
        return PROFILE.over(
                transport, tools(context -> Sender.of(Caller.from(context).peer())));
    }

    static List<AsyncToolSpecification> tools(Function<McpTransportContext, Sender> senders) {
        return List.of(ReadOnlyTool.of(
                EchoServer.class,
                "echo",
                (arguments, context) -> CompletableFuture.completedFuture(echo(arguments, senders.apply(context)))));
    }

    /** The caller, for {@code echo}'s structured content. */
    record Sender(String identity, String assurance) {
        static Sender of(Peer peer) {
            return new Sender(peer.identity().text(), peer.assurance().name().toLowerCase(Locale.ROOT));
        }
    }

    /** {@code echo}'s structured content. */
    record Echo(String text, int characters, int bytes, Sender caller) {}

    private static Reply echo(Arguments arguments, Sender caller) {
        String text = arguments.text("text");
        int characters = text.codePointCount(0, text.length());
        return new Reply(text, new Echo(text, characters, utf8(text).length, caller));
    }

    private static byte[] utf8(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (!new String(bytes, StandardCharsets.UTF_8).equals(text)) {
            throw new ToolFailure(
                    "\"text\" has half of a surrogate pair, which UTF-8 cannot carry; send whole characters.");
        }
        return bytes;
    }
}
