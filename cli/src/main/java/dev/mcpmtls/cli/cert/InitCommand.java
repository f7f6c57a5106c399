// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.AuthorityProfile;
import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Initialisation;
import dev.mcpmtls.authority.Initialisation.Outcome;
import dev.mcpmtls.authority.Passphrase;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Table;
import dev.mcpmtls.cli.console.Times;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.PassphraseOption;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.policy.StarterPolicy;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.TokenSettings;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessMode;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the authority and the credentials of the demo where they are missing. */
@Command(
        name = "init",
        description = "Makes an authority, and credentials for the servers and the coordinator. Existing ones stay.")
public final class InitCommand implements Runnable {

    private final Invocation invocation;

    @Mixin
    private final PassphraseOption passphrase;

    @Option(
            names = "--intermediate",
            description = "sign with an intermediate, so that the root's key can be kept offline")
    private boolean hasIntermediate;

    public InitCommand(Invocation invocation) {
        this.invocation = invocation;
        this.passphrase = new PassphraseOption(invocation);
    }

    @Override
    public void run() {
        Settings settings = invocation.settings();
        if (settings.get(Keys.LEAF_LIFETIME).compareTo(settings.get(Keys.AUTHORITY_LIFETIME)) > 0) {
            throw new BadSettingException(settings.where(Keys.LEAF_LIFETIME) + " is longer than"
                    + " authority.lifetime; certificates expire with their authority at the latest");
        }
        Store store = Store.at(settings.get(Keys.DIR));
        if (!store.hasAuthority()) {
            JoinedStore.refuse(store);
        }
        Stores.requireAccess(settings.get(Keys.DIR).resolve("authority"), AccessMode.EXECUTE);
        Initialisation done;
        try (AuditLog audit = Stores.audit(settings)) {
            done = initialise(settings, Surroundings.system(audit));
        }
        if (invocation.wantsJson()) {
            invocation.console().json(Initialised.of(done));
        } else {
            print(done, settings);
        }
    }

    private Initialisation initialise(Settings settings, Surroundings surroundings) {
        boolean isThere = Store.at(settings.get(Keys.DIR)).hasAuthority();
        Optional<Passphrase> secret = isThere ? passphrase.read() : passphrase.readNew();
        try {
            return initialise(
                    settings, hasIntermediate ? Hierarchy.INTERMEDIATE : Hierarchy.ROOT_ONLY, secret, surroundings);
        } finally {
            secret.ifPresent(Passphrase::close);
        }
    }

    /** The authority that the settings describe. */
    static AuthorityProfile profile(Settings settings, Hierarchy hierarchy) {
        return new AuthorityProfile(
                Stores.trustDomain(settings),
                settings.get(Keys.AUTHORITY_KEY),
                settings.get(Keys.AUTHORITY_LIFETIME),
                hierarchy,
                TokenSettings.token(settings));
    }

    public static Initialisation initialise(
            Settings settings, Hierarchy hierarchy, Optional<Passphrase> secret, Surroundings surroundings) {
        AuthorityProfile profile = profile(settings, hierarchy);
        return Initialisation.run(
                Store.at(settings.get(Keys.DIR)),
                profile,
                settings.get(Keys.AUTHORITY_KEY),
                grants(settings),
                secret,
                surroundings,
                () -> Optional.of(accessRules(settings)));
    }

    /**
     * A store begins with rules that permit our own agents everything; rules that were removed later are not written again. They come before
     * the authority, which without them would let every accepted peer call everything.
     */
    private static Initialisation.Step accessRules(Settings settings) {
        Path file = settings.inStore(settings.get(Keys.ACCESS_FILE));
        byte[] text = StarterPolicy.text(Stores.trustDomain(settings)).getBytes(StandardCharsets.UTF_8);
        try {
            OwnedFiles.createDirectories(OwnedFiles.directoryOf(file));
            OwnedFiles.create(file, text, OwnedFiles.Readers.NONE);
            return new Initialisation.Step("access rules", file, Outcome.MADE);
        } catch (FileAlreadyExistsException e) {
            return new Initialisation.Step("access rules", file, Outcome.KEPT);
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.USAGE,
                    List.of(
                            "cannot write " + file + ": " + Failures.reason(e),
                            "correct that, or choose another file (" + settings.where(Keys.ACCESS_FILE) + ")"),
                    e);
        }
    }

    private static List<Grant> grants(Settings settings) {
        String domain = Stores.trustDomain(settings);
        List<Grant> grants = new ArrayList<>();
        for (Keys.Server server : Keys.SERVERS) {
            grants.add(Grant.server(domain, name(settings, server.credential())));
        }
        grants.add(Grant.agent(domain, name(settings, Keys.COORDINATOR_CREDENTIAL)));
        return grants.stream()
                .map(grant -> grant.withLifetime(settings.get(Keys.LEAF_LIFETIME)))
                .toList();
    }

    private static String name(Settings settings, Key<String> key) {
        try {
            return Stores.credentialName(settings.get(key));
        } catch (BadSettingException e) {
            throw new BadSettingException(settings.where(key) + ": " + e.getMessage());
        }
    }

    private void print(Initialisation done, Settings settings) {
        Console console = invocation.console();
        Table table = new Table();
        for (Initialisation.Step step : done.steps()) {
            boolean isMade = step.outcome() == Outcome.MADE;
            table.row(
                    new Table.Cell(isMade ? "made" : "kept", isMade ? Style.GOOD : Style.FAINT),
                    step.what(),
                    step.where());
        }
        table.printTo(console);
        sayWhatTheAuthorityKeeps(done, settings);
        if (done.changedNothing()) {
            console.print("Everything is there already; nothing was changed.");
        } else {
            Path root = settings.get(Keys.DIR).resolve("authority/issuers/current/root.key");
            if (hasIntermediate && Files.exists(root)) {
                console.print(
                        "Move " + root + " off this machine: it is needed again only to replace the intermediate.");
            }
            String dir = ShellWords.sameDir(settings);
            console.print("Certificates are valid for " + Times.text(settings.get(Keys.LEAF_LIFETIME)) + ". Next:");
            console.print("  mcp-mtls serve all" + dir + passphrase.again() + "       (leave it running)");
            console.print("  mcp-mtls ask" + dir + " \"What's the weather and the time in Tokyo?\"");
        }
    }

    /** Says which wishes come too late: an authority never changes its form or its trust domain. */
    private void sayWhatTheAuthorityKeeps(Initialisation done, Settings settings) {
        if (done.steps().get(0).outcome() == Outcome.MADE) {
            return;
        }
        Console console = invocation.console();
        String wanted = settings.get(Keys.TRUST_DOMAIN);
        Optional<String> own = Store.at(settings.get(Keys.DIR)).trustDomain();
        if (hasIntermediate) {
            console.complain("--intermediate has no effect: the authority is kept as it is; use another --dir");
        }
        if (!settings.origin(Keys.TRUST_DOMAIN).equals("default")
                && own.isPresent()
                && !own.get().equals(wanted)) {
            console.complain("the authority stays that of " + own.get() + "; for " + wanted + ", use another --dir");
        }
    }

    // The output of --json, in this order.
    private record Initialised(boolean changed, List<Step> steps) {

        static Initialised of(Initialisation done) {
            return new Initialised(
                    !done.changedNothing(),
                    done.steps().stream()
                            .map(step -> new Step(
                                    step.what(),
                                    step.where().toString(),
                                    step.outcome().name().toLowerCase(Locale.ROOT)))
                            .toList());
        }
    }

    private record Step(String what, String where, String outcome) {}
}
