// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import dev.mcpmtls.authority.Issued;
import dev.mcpmtls.authority.Rollover;
import dev.mcpmtls.authority.Rollover.Stage;
import dev.mcpmtls.authority.Rollover.Status;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.trust.TrustAnchors;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The steps that replace the authority. Each says which comes next.
 *
 * @param again the options with which the next command reaches the same store, with a blank before each
 */
record RolloverSteps(Invocation invocation, String again) {

    void take(String step, Rollover rollover) {
        switch (step) {
            case "prepare" ->
                report(
                        step,
                        rollover.prepare(InitCommand.profile(invocation.settings(), Hierarchy.ROOT_ONLY)),
                        rollover);
            case "switch-over" -> report(step, rollover.switchOver(), rollover);
            case "finish" -> report(step, rollover.finish(), rollover);
            case "status" -> print(rollover.status());
            default ->
                throw new BadSettingException(
                        "cert rollover: unknown step '" + step + "'; use prepare, switch-over, finish or status");
        }
    }

    private void report(String step, TrustAnchors anchors, Rollover rollover) {
        List<String> names = names(anchors.certificates());
        if (invocation.wantsJson()) {
            invocation.console().json(new RolledOver(step, names));
            return;
        }
        invocation.console().print(step + " done; every ca.crt of the store now holds " + String.join(" and ", names));
        Status status = rollover.status();
        if (status.stage() != Stage.NONE) {
            printNext(status);
        }
    }

    private void print(Status status) {
        List<String> authorities = names(status.authorities());
        Map<String, Instant> waiting = waiting(status);
        if (invocation.wantsJson()) {
            invocation
                    .console()
                    .json(new Told(
                            status.stage().name().toLowerCase(Locale.ROOT),
                            authorities,
                            status.outdated(),
                            waiting.entrySet().stream()
                                    .map(entry -> new Waiting(
                                            entry.getKey(), entry.getValue().toString()))
                                    .toList(),
                            next(status)));
            return;
        }
        String signs = authorities.get(0) + " signs";
        invocation
                .console()
                .print(
                        switch (status.stage()) {
                            case NONE -> "no roll-over is in progress: " + signs;
                            case PREPARED ->
                                "prepared: " + signs + "; " + authorities.get(1)
                                        + " is in every ca.crt, and does not sign yet";
                            case SWITCHED ->
                                "switched over: " + signs + "; " + authorities.get(1) + " is still trusted";
                        });
        waiting.forEach((name, end) -> invocation
                .console()
                .print("  " + name + " still has a certificate of the old one, valid until " + end
                        + (isStored(name) ? "" : "; its key is not in this store")));
        status.outdated()
                .forEach(name ->
                        invocation.console().print("  " + name + " has another ca.crt: the last step was cut off"));
        printNext(status);
    }

    private void printNext(Status status) {
        invocation.console().print("  next" + condition(status) + ": " + next(status));
    }

    private static String condition(Status status) {
        if (!status.outdated().isEmpty()) {
            return ", to complete the last step";
        }
        return switch (status.stage()) {
            case NONE -> ", to replace it";
            case PREPARED -> ", when the new ca.crt has reached every peer, outside this store too";
            case SWITCHED -> status.waiting().isEmpty() ? ", to forget the old one" : "";
        };
    }

    private String next(Status status) {
        if (!status.outdated().isEmpty()) {
            return switch (status.stage()) {
                case NONE -> command("rollover finish");
                case PREPARED -> command("rollover prepare");
                case SWITCHED -> command("rollover switch-over");
            };
        }
        return switch (status.stage()) {
            case NONE -> command("rollover prepare");
            case PREPARED -> command("rollover switch-over");
            case SWITCHED -> command(afterSwitch(waiting(status).keySet()));
        };
    }

    /** A key that is elsewhere cannot be renewed from here; its request is signed again. */
    private String afterSwitch(Set<String> waiting) {
        if (waiting.isEmpty()) {
            return "rollover finish";
        }
        return waiting.stream().anyMatch(this::isStored)
                ? "renew --all"
                : "issue " + waiting.iterator().next() + " --csr FILE --out FILE";
    }

    private boolean isStored(String name) {
        return Store.at(invocation.settings().get(Keys.DIR)).credentialNames().contains(name);
    }

    private String command(String words) {
        return "mcp-mtls cert " + words + again;
    }

    /** When the last certificate of the old authority expires, by credential. */
    private static Map<String, Instant> waiting(Status status) {
        Map<String, Instant> waiting = new TreeMap<>();
        for (Issued issued : status.waiting()) {
            waiting.merge(issued.credential(), issued.notAfter(), (one, other) -> one.isAfter(other) ? one : other);
        }
        return waiting;
    }

    private static List<String> names(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(certificate ->
                        Printable.clean(certificate.getSubjectX500Principal().getName()))
                .toList();
    }

    // The output of --json, in this order.
    private record RolledOver(String step, List<String> anchors) {}

    private record Told(
            String stage, List<String> authorities, List<String> outdated, List<Waiting> waiting, String next) {}

    private record Waiting(String credential, String notAfter) {}
}
