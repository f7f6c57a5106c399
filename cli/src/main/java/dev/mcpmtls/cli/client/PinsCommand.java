// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Table;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the operator what a served entry offered that is not as it was pinned, and approves it. A running server notices. */
@Command(
        name = "pins",
        description = "Shows how a server that this program serves differs from its pins, and approves the difference.")
public final class PinsCommand implements Runnable {

    private final Invocation invocation;

    @Parameters(paramLabel = "NAME", description = "a server of mcp-mtls.yaml or of 'serve NAME --pin'")
    private String server = "";

    @Option(
            names = "--accept",
            paramLabel = "TOOL",
            description = "approves a tool that changed or is new; may be given again")
    private List<String> accepted = List.of();

    @Option(names = "--accept-all", description = "approves every change, of instructions too")
    private boolean acceptsAll;

    public PinsCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public void run() {
        Settings settings = invocation.settings();
        Path lock = Stores.toolsLock(settings);
        ToolPins pins = ToolsLock.load(lock)
                .of(server)
                .orElseThrow(() -> new BadSettingException("the tools of the server '" + server
                        + "' are not pinned here; 'mcp-mtls serve " + ShellWords.quoted(server) + " --pin' pins them"));
        List<PinChange> changes = new ArrayList<>(ToolsLock.load(Stores.toolsOffered(settings))
                .of(server)
                .map(pins::changesTo)
                .orElse(List.of()));
        List<PinChange> approved = acceptsAll ? List.copyOf(changes) : approved(changes);
        if (!approved.isEmpty()) {
            pins = ToolsLock.update(lock, server, kept -> {
                ToolPins now = kept.orElseThrow();
                for (PinChange change : approved) {
                    now = now.accept(change);
                }
                return now;
            });
            changes.removeAll(approved);
        }
        report(pins, approved, changes);
        if (!changes.isEmpty()) {
            throw new Failure(
                    ExitCode.DENIED,
                    List.of(
                            "withheld from clients, because " + server + " is not as it was pinned: "
                                    + PinReport.names(changes),
                            "'mcp-mtls pins " + ShellWords.quoted(server) + ShellWords.sameDir(settings)
                                    + " --accept=TOOL' approves one, --accept-all approves all"));
        }
    }

    private List<PinChange> approved(List<PinChange> changes) {
        return accepted.stream()
                .map(name -> changes.stream()
                        .filter(PinReport::isOfTool)
                        .filter(change -> change.name().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new BadSettingException("--accept: the tool '" + name
                                + "' is as it was pinned, or was not offered; 'mcp-mtls pins " + server
                                + "' shows what changed")))
                .toList();
    }

    private void report(ToolPins pins, List<PinChange> approved, List<PinChange> changes) {
        Console console = invocation.console();
        if (invocation.wantsJson()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("server", server);
            object.put(
                    "tools", pins.tools().stream().map(ToolDefinition::members).toList());
            object.put("accepted", approved.stream().map(PinReport::asObject).toList());
            object.put("changes", changes.stream().map(PinReport::asObject).toList());
            console.json(object);
            return;
        }
        Table table = new Table();
        for (ToolDefinition tool : pins.tools()) {
            table.row(
                    new Table.Cell(PinReport.visible(tool.name()), Style.STRONG),
                    new Table.Cell("pinned " + tool.digest().substring(0, 12), Style.FAINT));
        }
        table.printTo(console);
        PinReport report = new PinReport(console);
        approved.forEach(change -> report.print(change, "accepted"));
        changes.forEach(change -> report.print(change, "withheld"));
    }
}
