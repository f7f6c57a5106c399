// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.bridge.connect.Bridge;
import dev.mcpmtls.bridge.remote.ServerWatch;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.PassphraseOption;
import dev.mcpmtls.oauth.client.login.Browser;
import dev.mcpmtls.runtime.ClientTokens;
import dev.mcpmtls.runtime.TlsProfiles;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.TlsKeys;
import dev.mcpmtls.runtime.telemetry.Telemetry;
import dev.mcpmtls.tls.TlsEngine;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.FileWatch;
import java.io.OutputStream;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Serves a host on stdio, in front of a remote server. Uses the JDK's TLS and HTTP alone, for a quick start. */
@Command(
        name = "connect",
        description = "A stdio MCP server for any host, in front of a remote server behind mutual TLS. Standard output"
                + " carries the protocol alone; 'mcp-mtls host add' writes this command into a host's"
                + " configuration.")
public final class ConnectCommand implements Runnable {

    /** Servers keep idle connections for a minute; a call that meets one that closes just then is lost. */
    private static final String KEEP_ALIVE = "jdk.httpclient.keepalive.timeout";

    private static final String KEEP_ALIVE_SECONDS = "30";

    private final Invocation invocation;

    @Mixin
    private final PassphraseOption passphrase;

    @Parameters(
            paramLabel = "URL",
            description = "https://host:port/mcp, or the name of a configured server, such as echo")
    private String server = "";

    public ConnectCommand(Invocation invocation) {
        this.invocation = invocation;
        this.passphrase = new PassphraseOption(invocation);
    }

    /** As its words would be read from a command line. */
    public ConnectCommand(Invocation invocation, String server) {
        this(invocation);
        this.server = server;
    }

    @Override
    public void run() {
        invocation.refuseJson("connect");
        Settings settings = ClientOptions.settings(invocation, Map.of(TlsKeys.ENGINE, TlsEngine.JDK.text()));
        String credential = settings.get(Keys.COORDINATOR_CREDENTIAL);
        URI url = ClientOptions.server(settings, server);
        if (System.getProperty(KEEP_ALIVE) == null) {
            System.setProperty(KEEP_ALIVE, KEEP_ALIVE_SECONDS);
        }
        Console console = invocation.console();
        OutputStream protocol = console.handOver();
        LateAudit late = new LateAudit(settings, "mcp-mtls-connect");
        try (FileWatch watch = new FileWatch(late, InstantSource.system());
                OwnRenewal renewal = OwnRenewal.start(settings, credential, passphrase, late)) {
            ServerWatch seen = new ServerWatch(late);
            TlsProfile profile = TlsProfiles.watchedClientProfile(settings, credential, watch, seen);
            renewal.follow(profile.credentials());
            Telemetry telemetry = Telemetry.start(settings);
            Consumer<String> notices = notice -> console.complain("mcp-mtls connect: ", Console.bounded(notice));
            // Loads the browser's class when it is needed.
            Browser browser = page -> Browser.desktop(notices).open(page);
            Bridge bridge = new Bridge(
                    url,
                    profile,
                    seen,
                    notices,
                    telemetry.observer(),
                    new ClientTokens(settings, url, profile, browser));
            try (telemetry;
                    AuditLog audit = late.opened()) { // nothing is sent without it
                Thread stop = stopOnSignal(bridge, telemetry, audit);
                bridge.run(console.input(), protocol);
                Runtime.getRuntime().removeShutdownHook(stop);
            }
        }
    }

    /** Exits with 0 after a signal; Java by itself would exit with 128 and the signal's number. */
    private static Thread stopOnSignal(Bridge bridge, Telemetry telemetry, AuditLog audit) {
        Thread stop = new Thread(() -> {
            bridge.close();
            telemetry.close();
            audit.close();
            Runtime.getRuntime().halt(ExitCode.DONE.number());
        });
        Runtime.getRuntime().addShutdownHook(stop);
        return stop;
    }
}
