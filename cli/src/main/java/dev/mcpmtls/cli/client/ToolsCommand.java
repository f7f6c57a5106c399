// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.bridge.client.Introduction;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.ToolDefinition;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.protocol.pins.ToolsLock;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.trust.Peer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Asks a server what it offers, pins it, and shows how it differs from its pins. */
@Command(name = "tools", description = "Lists the tools of any MCP server over mutual TLS, and pins their definitions.")
public final class ToolsCommand implements Runnable {

    private final Invocation invocation;

    @Mixin
    private final ClientOptions options;

    @Mixin
    private final ServerParameter server = new ServerParameter();

    @Option(
            names = "--pin",
            description = "approves the tools as they are now; later, changed and new ones are withheld")
    private boolean pins;

    @Option(
            names = "--accept",
            paramLabel = "TOOL",
            description = "approves a tool that changed, is new or is gone; may be given again")
    private List<String> accepted = List.of();

    @Option(names = "--accept-all", description = "approves every change, of instructions and identity too")
    private boolean acceptsAll;

    public ToolsCommand(Invocation invocation) {
        this.invocation = invocation;
        this.options = new ClientOptions(invocation);
    }

    @Override
    public void run() {
        boolean accepts = acceptsAll || !accepted.isEmpty();
        if (pins && accepts) {
            throw new BadSettingException(
                    "--pin and --accept exclude each other; give --pin for a server that is not pinned yet, --accept"
                            + " for one that is");
        }
        Settings settings = options.settings();
        URI url = server.url(settings);
        Path lock = Stores.toolsLock(settings);
        Optional<ToolPins> present = ClientOptions.pins(settings, url);
        if (accepts && present.isEmpty()) {
            throw new BadSettingException(
                    "the tools of " + server.text() + " are not pinned; run '" + command(settings) + " --pin' first");
        }
        boolean isFirst = pins && present.isEmpty();
        Optional<ToolPins> against = isFirst ? Optional.of(ToolPins.none(ToolPins.key(url))) : present;
        try (AuditLog audit = Stores.clientAudit(settings, "mcp-mtls-tools");
                McpConnection connection = McpConnection.open(
                        url,
                        OwnSide.of(settings, isFirst ? withoutChanges(audit) : audit),
                        against,
                        ClientOptions.timeout(settings))) {
            List<ListedTool> tools = connection.tools();
            List<PinChange> changes = new ArrayList<>(connection.withheld());
            changes.addAll(connection.removed());
            List<PinChange> approved = isFirst || acceptsAll
                    ? changes.stream().filter(PinChange::isAcceptable).toList()
                    : approved(changes, tools);
            if (isFirst || !approved.isEmpty()) {
                record(audit, ToolPins.key(url), approved);
                String identity = connection.connected().peer().identity().text();
                against = Optional.of(ToolsLock.update(lock, ToolPins.key(url), kept -> {
                    ToolPins now = isFirst ? ToolPins.none(ToolPins.key(url)).of(identity) : kept.orElseThrow();
                    for (PinChange change : approved) {
                        now = now.accept(change);
                    }
                    return now;
                }));
                changes.removeAll(approved);
            }
            if (isFirst) {
                tools = against.orElseThrow().tools().stream()
                        .map(tool -> new ListedTool(tool.members(), tool.name()))
                        .toList();
            }
            report(url, connection, tools, new Findings(against, isFirst ? List.of() : approved, changes));
            if (isFirst && !invocation.wantsJson()) {
                int count = against.orElseThrow().tools().size();
                invocation.console().print("pinned " + count + (count == 1 ? " tool" : " tools") + " in " + lock);
            }
            refuse(settings, url, changes);
        }
    }

    /** The pins in force, and how the server differed from them: changes that were approved now, and the others. */
    private record Findings(Optional<ToolPins> pins, List<PinChange> approved, List<PinChange> changes) {

        /** The digest of the pinned definition of a tool. */
        Optional<String> digest(String tool) {
            return pins.stream()
                    .flatMap(pinned -> pinned.tools().stream())
                    .filter(definition -> definition.name().equals(tool))
                    .map(ToolDefinition::digest)
                    .findFirst();
        }
    }

    /** Nothing has changed where nothing was pinned. */
    private static AuditSink withoutChanges(AuditSink audit) {
        return event ->
                event instanceof AuditEvent.ToolChanged ? AuditSink.none().record(event) : audit.record(event);
    }

    /** Recorded before it takes effect. */
    private static void record(AuditSink audit, String key, List<PinChange> approved) {
        Instant now = Instant.now();
        audit.recordAll(approved.stream()
                        .<AuditEvent>map(change -> new AuditEvent.ToolAccepted(
                                now, key, change.name(), change.pinnedDigest(), change.offeredDigest()))
                        .toList())
                .toCompletableFuture()
                .join();
    }

    private List<PinChange> approved(List<PinChange> changes, List<ListedTool> tools) {
        List<PinChange> approved = new ArrayList<>();
        for (String name : accepted) {
            PinChange change = changes.stream()
                    .filter(PinReport::isOfTool)
                    .filter(found -> found.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new BadSettingException("--accept: " + nothingToAccept(name, changes, tools)));
            if (!change.isAcceptable()) {
                throw new BadSettingException(
                        "--accept: '" + name + "': " + change.kind().why());
            }
            approved.add(change);
        }
        return approved;
    }

    private static String nothingToAccept(String name, List<PinChange> changes, List<ListedTool> tools) {
        if (tools.stream().anyMatch(tool -> tool.name().equals(name))) {
            return "the tool '" + name + "' is as it was pinned; there is nothing to accept";
        }
        List<String> acceptable = changes.stream()
                .filter(PinReport::isOfTool)
                .map(PinChange::name)
                .toList();
        return "the server has no tool '" + name + "'; "
                + (acceptable.isEmpty()
                        ? "nothing of it differs from its pins"
                        : "there are " + String.join(", ", acceptable) + " to accept");
    }

    /** Fails while anything is withheld. A tool that is gone is told, and harmless. */
    private void refuse(Settings settings, URI url, List<PinChange> changes) {
        List<PinChange> withheld = changes.stream()
                .filter(change -> change.kind() != PinChange.Kind.REMOVED)
                .toList();
        if (!withheld.isEmpty()) {
            throw new Failure(
                    ExitCode.DENIED,
                    List.of(
                            "withheld, because " + url + " differs from its pins: " + PinReport.names(withheld),
                            "if you approve, run '" + command(settings) + " --accept=TOOL', or with --accept-all"));
        }
    }

    private String command(Settings settings) {
        return "mcp-mtls tools " + ShellWords.quoted(server.text()) + ShellWords.sameDir(settings);
    }

    private void report(URI url, McpConnection connection, List<ListedTool> tools, Findings findings) {
        if (invocation.wantsJson()) {
            invocation.console().json(asObject(url, connection, tools, findings));
            return;
        }
        Console console = invocation.console();
        Peer peer = connection.connected().peer();
        Introduction info = connection.introduction();
        console.print(console.styled(Style.FAINT, info.name() + " is " + peer + ", MCP " + info.revision()));
        for (ListedTool tool : tools) {
            console.print(
                    console.styled(Style.STRONG, tool.name()),
                    "(" + String.join(", ", tool.arguments()) + ")",
                    console.styled(Style.FAINT, findings.pins.isPresent() ? "  pinned" : ""));
            tool.description().ifPresent(text -> console.print("    ", Console.bounded(text)));
            findings.digest(tool.name())
                    .ifPresent(digest -> console.print(console.styled(Style.FAINT, "    sha256 " + digest)));
        }
        if (tools.isEmpty() && findings.changes.isEmpty()) {
            console.print("No tool is listed for you: the server has none, or its access rules permit you none.");
        }
        PinReport report = new PinReport(console);
        findings.approved.forEach(change -> {
            report.print(change, "accepted");
            report.printDigests(change);
        });
        findings.changes.forEach(
                change -> report.print(change, change.kind() == PinChange.Kind.REMOVED ? "gone" : "withheld"));
    }

    private static Map<String, Object> asObject(
            URI url, McpConnection connection, List<ListedTool> tools, Findings findings) {
        Peer peer = connection.connected().peer();
        Introduction info = connection.introduction();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("url", url.toString());
        object.put("server", info.name());
        object.put("version", info.text("version").orElse(""));
        object.put("identity", peer.identity().text());
        object.put("assurance", peer.assurance().name().toLowerCase(Locale.ROOT));
        object.put("protocolVersion", info.revision());
        object.put("tools", tools.stream().map(ListedTool::members).toList());
        object.put("pinned", findings.pins.isPresent());
        object.put(
                "accepted", findings.approved.stream().map(PinReport::asObject).toList());
        object.put("changes", findings.changes.stream().map(PinReport::asObject).toList());
        return object;
    }
}
