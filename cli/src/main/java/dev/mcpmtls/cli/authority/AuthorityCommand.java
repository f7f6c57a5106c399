// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.authority;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.Invitation;
import dev.mcpmtls.authority.Passphrase;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.cert.JoinedStore;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Table;
import dev.mcpmtls.cli.console.Times;
import dev.mcpmtls.cli.invocation.CommandGroup;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.PassphraseOption;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.enrolment.JoinToken;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.EnrolmentKeys;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.nio.file.AccessMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The authority for other machines: serve it, and invite them. */
@Command(name = "authority", description = "Serves the authority to other machines, and invites them to join.")
public final class AuthorityCommand extends CommandGroup {

    private static final String JOIN = "mcp-mtls join -";

    private final Invocation invocation;

    @Mixin
    private final PassphraseOption passphrase;

    public AuthorityCommand(Invocation invocation) {
        this.invocation = invocation;
        this.passphrase = new PassphraseOption(invocation);
    }

    @Command(
            name = "serve",
            description = "Gives certificates to invited machines, and renews them, by EST (RFC 7030) until Ctrl-C.")
    void serve(
            @Option(
                            names = "--listen",
                            paramLabel = "HOST:PORT",
                            description = "where it listens; default authority.listen, 127.0.0.1:8440")
                    @Nullable
                    String listen,
            @Option(
                            names = "--name",
                            paramLabel = "HOST[:PORT]",
                            description = "where other machines reach it, for its certificate and for invitations")
                    @Nullable
                    String name) {
        if (listen != null) {
            invocation.flag(EnrolmentKeys.AUTHORITY_LISTEN, "--listen", listen);
        }
        if (name != null) {
            invocation.flag(EnrolmentKeys.AUTHORITY_NAME, "--name", name);
        }
        Settings settings = invocation.settings();
        requireAuthority(settings);
        new ServedAuthority(invocation, settings).run(passphrase.read());
    }

    @Command(
            name = "invite",
            description = "Invites a machine: prints a token, with which 'mcp-mtls join -' gets a certificate there."
                    + " Standard output has the token alone.")
    void invite(@Mixin InviteOptions options) {
        Settings settings = invocation.settings();
        requireAuthority(settings);
        Store store = Store.at(settings.get(Keys.DIR));
        InviteOptions.Made made = withAuthority(settings, authority -> options.invite(authority, store, settings));
        print(made, settings);
    }

    private void print(InviteOptions.Made invited, Settings settings) {
        Invitation made = invited.invitation();
        JoinToken token = invited.token();
        Console console = invocation.console();
        if (invocation.wantsJson()) {
            console.json(new Invited(
                    made.id(),
                    made.grant().name(),
                    names(made),
                    purposes(made),
                    made.uses(),
                    second(made.expiresAt()),
                    token.secretText(),
                    JOIN,
                    invited.note().orElse(null),
                    new Est(
                            token.authority().toString(),
                            made.id(),
                            token.password(),
                            token.pin().text())));
            return;
        }
        console.complain(
                console.styled(Style.GOOD, "invited"),
                " " + made.grant().name() + " as " + String.join(", ", names(made)) + " (" + made.id() + "), "
                        + times(made.uses()) + " until " + second(made.expiresAt()));
        invited.note().ifPresent(console::complain);
        console.printLines(token.secretText());
        console.complain("on the other machine, run '" + JOIN
                + "' and paste the token; it is a secret, so send it where only that machine's user reads");
        console.complain("'mcp-mtls authority uninvite " + made.id() + ShellWords.sameDir(settings) + "' withdraws it");
    }

    private static String times(int uses) {
        return uses == 1 ? "once" : uses + " times";
    }

    @Command(name = "invitations", description = "Lists invitations; used and expired ones for a week.")
    void invitations() {
        List<Invitation> all = withAuthority(
                invocation.settings(), authority -> authority.enrolment().invitations());
        Instant now = Instant.now();
        if (invocation.wantsJson()) {
            invocation
                    .console()
                    .json(new Listed(all.stream()
                            .map(invitation -> listed(invitation, now))
                            .toList()));
            return;
        }
        Table table = new Table();
        for (Invitation invitation : all) {
            Invitation.Status status = invitation.status(now);
            table.row(
                    invitation.id(),
                    invitation.grant().name(),
                    String.join(",", purposes(invitation)),
                    text(status) + " " + invitation.keys().size() + "/" + invitation.uses(),
                    status == Invitation.Status.OPEN
                            ? Times.text(Duration.between(now, invitation.expiresAt())) + " left"
                            : "",
                    String.join(",", names(invitation)));
        }
        table.printTo(invocation.console());
        if (all.isEmpty()) {
            invocation.console().print("there are no invitations");
        }
    }

    @Command(name = "uninvite", description = "Withdraws an invitation; certificates that it brought stay valid.")
    void uninvite(@Parameters(paramLabel = "ID", description = "as 'authority invitations' shows it") String id) {
        Invitation withdrawn = withAuthority(
                invocation.settings(), authority -> authority.enrolment().withdraw(id.toLowerCase(Locale.ROOT)));
        String name = withdrawn.grant().name();
        if (invocation.wantsJson()) {
            invocation.console().json(new Withdrawn(withdrawn.id(), name));
            return;
        }
        invocation.console().print("withdrew the invitation " + withdrawn.id() + " for " + name);
        if (!withdrawn.keys().isEmpty()) {
            invocation
                    .console()
                    .print("  it was used " + times(withdrawn.keys().size()) + "; 'mcp-mtls cert revoke " + name
                            + ShellWords.sameDir(invocation.settings()) + "' revokes what it brought");
        }
    }

    private static Row listed(Invitation invitation, Instant now) {
        return new Row(
                invitation.id(),
                invitation.grant().name(),
                names(invitation),
                purposes(invitation),
                text(invitation.status(now)),
                invitation.uses(),
                invitation.keys().stream().map(PublicKeyPin::text).toList(),
                second(invitation.expiresAt()));
    }

    private static List<String> names(Invitation invitation) {
        return invitation.grant().names().stream().map(Identity::text).toList();
    }

    private static List<String> purposes(Invitation invitation) {
        return invitation.grant().purposes().stream()
                .sorted()
                .map(AuthorityCommand::text)
                .collect(Collectors.toList());
    }

    private static String text(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static String second(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static void requireAuthority(Settings settings) {
        Store store = Store.at(settings.get(Keys.DIR));
        Stores.requireAccess(store.directory().resolve("authority"), AccessMode.EXECUTE);
        JoinedStore.requireAuthority(store);
    }

    private <T> T withAuthority(Settings settings, Function<Authority, T> act) {
        requireAuthority(settings);
        Optional<Passphrase> secret = passphrase.read();
        try (AuditLog audit = Stores.audit(settings);
                Authority authority =
                        Authority.open(Store.at(settings.get(Keys.DIR)), secret, Surroundings.system(audit))) {
            return act.apply(authority);
        }
    }

    // The output of --json, in this order.
    private record Invited(
            String id,
            String name,
            List<String> names,
            List<String> purposes,
            int uses,
            String expiresAt,
            String token,
            String command,
            @Nullable String note,
            Est est) {}

    /** Addresses and pins that other EST clients need. */
    private record Est(String url, String user, String password, String authorityPin) {}

    private record Listed(List<Row> invitations) {}

    private record Row(
            String id,
            String name,
            List<String> names,
            List<String> purposes,
            String status,
            int uses,
            List<String> keys,
            String expiresAt) {}

    private record Withdrawn(String withdrawn, String name) {}
}
