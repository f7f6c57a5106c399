// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.authority;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.Passphrase;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.cli.prepare.SecondSignal;
import dev.mcpmtls.runtime.RunningAuthority;
import dev.mcpmtls.runtime.ServiceManager;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.EnrolmentKeys;
import dev.mcpmtls.runtime.settings.Settings;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The authority, served until a signal stops it. */
final class ServedAuthority {

    private final Invocation invocation;
    private final Settings settings;

    ServedAuthority(Invocation invocation, Settings settings) {
        this.invocation = invocation;
        this.settings = settings;
    }

    void run(Optional<Passphrase> passphrase) {
        try (AuditLog audit = Stores.audit(settings);
                RunningAuthority authority = RunningAuthority.start(settings, passphrase, audit)) {
            Optional<ServiceManager> manager = ServiceManager.of(invocation.environment());
            Thread stop = stopOnSignal(authority, audit, manager);
            announce(authority);
            manager.ifPresent(told -> told.ready("serves the authority at " + authority.uri(), authority::pulse));
            awaitInterrupt();
            Runtime.getRuntime().removeShutdownHook(stop);
        }
    }

    private void announce(RunningAuthority authority) {
        Console console = invocation.console();
        String listen = settings.get(EnrolmentKeys.AUTHORITY_LISTEN).toString();
        if (invocation.wantsJson()) {
            console.json(new Ready(
                    "ready",
                    authority.uri().toString(),
                    listen,
                    authority
                            .monitoringAddress()
                            .map(address -> address + "/health/ready")
                            .orElse(null)));
            return;
        }
        console.print(
                console.styled(Style.STRONG, "authority"),
                " ready at " + authority.uri() + ", listening on " + listen + "; 'mcp-mtls authority invite NAME"
                        + ShellWords.sameDir(settings) + "' invites a machine");
        authority
                .monitoringAddress()
                .ifPresent(address -> console.print("health and metrics at " + address + "/health/ready, /metrics"));
    }

    private Thread stopOnSignal(RunningAuthority authority, AuditLog audit, Optional<ServiceManager> manager) {
        Thread stop = new Thread(() -> {
            SecondSignal.halts();
            manager.ifPresent(ServiceManager::stopping);
            invocation.console().complain("stopping; another Ctrl-C or SIGTERM stops at once");
            authority.close();
            audit.close();
            manager.ifPresent(ServiceManager::close);
            Runtime.getRuntime().halt(ExitCode.DONE.number());
        });
        Runtime.getRuntime().addShutdownHook(stop);
        return stop;
    }

    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    // The output of --json, in this order.
    private record Ready(
            String event,
            String url,
            String listen,
            @Nullable String health) {}
}
