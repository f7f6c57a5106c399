// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Issuance;
import dev.mcpmtls.authority.Issued;
import dev.mcpmtls.authority.Passphrase;
import dev.mcpmtls.authority.RevocationReason;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.console.Table;
import dev.mcpmtls.cli.invocation.CommandGroup;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.OptionValue;
import dev.mcpmtls.cli.invocation.PassphraseOption;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.runtime.Stores;
import dev.mcpmtls.runtime.settings.AnchorEntry;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.math.BigInteger;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The credentials and the authority. */
@Command(name = "cert", description = "Lists, shows, issues, renews, revokes and deletes certificates.")
public final class CertCommand extends CommandGroup {

    private static final String CREDENTIAL = "a credential of the store";

    private final Invocation invocation;

    @Mixin
    private final PassphraseOption passphrase;

    public CertCommand(Invocation invocation) {
        this.invocation = invocation;
        this.passphrase = new PassphraseOption(invocation);
    }

    @Command(name = "list", description = "Lists the credentials of the store.")
    void list() {
        Certificates certificates = new Certificates(invocation.settings());
        StoreFacts facts = new StoreFacts(invocation.console(), invocation.settings());
        List<CertificateView> all = certificates.all();
        if (invocation.wantsJson()) {
            invocation
                    .console()
                    .json(new Listed(
                            objects(all),
                            certificates.unreadable(),
                            facts.token().orElse(null),
                            facts.anchors().stream().map(AnchorEntry::asObject).toList()));
            return;
        }
        certificates.unreadable().forEach(invocation.console()::complain);
        Set<String> issuers = all.stream().map(CertificateView::issuer).collect(Collectors.toSet());
        Table table = new Table();
        for (CertificateView view : all) {
            String issuer = issuers.size() > 1 ? view.issuer() : "";
            table.row(
                    view.name(),
                    view.identity(),
                    String.join(",", view.purposes()),
                    view.status(),
                    view.remaining(),
                    issuer);
        }
        table.printTo(invocation.console());
        if (issuers.size() == 1) {
            invocation.console().print("issued by " + all.get(0).issuer());
        }
        facts.print();
    }

    @Command(
            name = "show",
            description =
                    "Shows a credential of the store, a file (PEM, DER, PKCS#12), or the certificate of a server, with"
                            + " the chain.")
    void show(@Parameters(paramLabel = "NAME|FILE|URL") String name) {
        Certificates certificates = new Certificates(invocation.settings());
        CertificateView view = certificates.find(name);
        if (invocation.wantsJson()) {
            invocation.console().json(view.asObject());
        } else {
            view.printTo(invocation.console(), certificates.anchor(view));
        }
    }

    @Command(
            name = "check",
            description = "Checks whether certificates stay valid for long enough; exits with 5 when one does not.")
    int check(
            @Option(
                            names = "--within",
                            paramLabel = "DURATION",
                            defaultValue = "1s",
                            description = "how long they must stay valid")
                    String within,
            @Parameters(paramLabel = "NAME|FILE|URL", arity = "0..*") List<String> names) {
        Certificates certificates = new Certificates(invocation.settings());
        List<CertificateView> all = names == null || names.isEmpty()
                ? certificates.all()
                : names.stream().map(certificates::find).toList();
        Instant then = Instant.now().plus(OptionValue.duration("--within", within));
        List<CertificateView> bad =
                all.stream().filter(view -> view.isUnusableBy(then)).toList();
        if (invocation.wantsJson()) {
            invocation
                    .console()
                    .json(new Checked(
                            bad.isEmpty() && certificates.unreadable().isEmpty(),
                            objects(bad),
                            certificates.unreadable()));
        } else {
            bad.forEach(view -> invocation.console().print(complaint(view, within)));
            certificates.unreadable().forEach(invocation.console()::complain);
        }
        return (bad.isEmpty() && certificates.unreadable().isEmpty() ? ExitCode.DONE : ExitCode.FAILED).number();
    }

    private static String complaint(CertificateView view, String within) {
        String status = view.name() + ": " + view.status().text();
        return view.fault()
                .map(why -> status + ": " + why)
                .orElseGet(() -> status + ", " + view.left() + wanted(view, within));
    }

    private static String wanted(CertificateView view, String within) {
        return view.isUnusableBy(view.now()) ? "" : ", which is less than " + within;
    }

    @Command(
            name = "export",
            description = "Writes a credential to a file that a browser imports (PKCS#12), and prints the file's new"
                    + " password once.")
    void export(
            @Parameters(paramLabel = "NAME", description = CREDENTIAL) String name,
            @Option(
                            names = "--browser",
                            required = true,
                            description = "for a browser, to open pages behind mutual TLS")
                    boolean browser,
            @Option(names = "--out", paramLabel = "FILE", description = "the file; default NAME.p12") @Nullable
                    Path out) {
        BrowserExport.export(invocation, name, Optional.ofNullable(out));
    }

    @Command(name = "issue", description = "Issues a certificate, with a new key or for a signing request.")
    void issue(@Mixin IssueOptions options) {
        Settings settings = invocation.settings();
        Issuance issuance = withAuthority(settings, authority -> options.apply(authority, settings));
        report("issued", options.name(), issuance);
        options.written().filter(files -> !invocation.wantsJson()).ifPresent(invocation.console()::print);
    }

    @Command(
            name = "renew",
            description =
                    "Renews a credential's certificate, or all of them. The key stays; so do names and lifetime, unless"
                            + " others are given.")
    int renew(
            @Parameters(paramLabel = "NAME", arity = "0..1", description = CREDENTIAL) @Nullable String name,
            @Option(names = "--all", description = "every credential of the store, one after the other") boolean all,
            @Option(names = "--lifetime", paramLabel = "DURATION", description = "another lifetime than before")
                    @Nullable
                    String lifetime,
            @Mixin OtherNames names) {
        if (all && name != null) {
            throw new BadSettingException("--all and a name exclude each other; leave out one of them");
        }
        if (!all && name == null) {
            throw new BadSettingException("NAME is missing; give the name of a credential, or --all");
        }
        if (all && names.areGiven()) {
            throw new BadSettingException("--san: not with --all, because names are of one credential");
        }
        Optional<Duration> other = Optional.ofNullable(lifetime).map(text -> OptionValue.duration("--lifetime", text));
        Settings settings = invocation.settings();
        return withAuthority(settings, authority -> {
            other.ifPresent(time -> IssueOptions.requireWithin(authority, "--lifetime", time));
            UnaryOperator<Grant> change =
                    grant -> names.replaceIn(other.map(grant::withLifetime).orElse(grant));
            if (name == null) {
                return new Renewals(invocation).renewAll(authority, Store.at(settings.get(Keys.DIR)), change);
            }
            report("renewed", name, authority.renew(Stores.credentialName(name), change), names);
            return ExitCode.DONE.number();
        });
    }

    @Command(
            name = "rekey",
            description = "Gives a credential a new key and certificate; also brings a revoked one back.")
    void rekey(@Parameters(paramLabel = "NAME", description = CREDENTIAL) String name, @Mixin OtherNames names) {
        Settings settings = invocation.settings();
        Issuance issuance =
                withAuthority(settings, authority -> authority.rekey(Stores.credentialName(name), names::replaceIn));
        report("rekeyed", name, issuance, names);
    }

    @Command(
            name = "delete",
            description =
                    "Deletes a credential with its key, and revokes the certificates of its name that are still valid.")
    void delete(
            @Parameters(paramLabel = "NAME", description = CREDENTIAL) String name,
            @Option(names = "--yes", description = "do not ask") boolean yes,
            @Option(names = "--keep-valid", description = "do not revoke: copies are accepted until they expire")
                    boolean keepsValid,
            @Option(
                            names = "--reason",
                            paramLabel = "REASON",
                            defaultValue = "cessation-of-operation",
                            description = "why its certificates are revoked; default ${DEFAULT-VALUE}")
                    String reason) {
        Settings settings = invocation.settings();
        Optional<RevocationReason> revocation = keepsValid ? Optional.empty() : Optional.of(reason(reason));
        List<Issued> revoked = withAuthority(settings, authority -> {
            Path directory = Store.at(settings.get(Keys.DIR)).credential(Stores.credentialName(name));
            if (!yes && Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                confirm("Delete " + name + " and its key" + (keepsValid ? "" : ", and revoke its certificates")
                        + "? [y/N] ");
            }
            return authority.delete(name, revocation);
        });
        if (invocation.wantsJson()) {
            invocation.console().json(new Deleted(name, serialNumbers(revoked)));
            return;
        }
        invocation.console().print("deleted " + name + " and its key");
        print(revoked);
        if (keepsValid) {
            invocation
                    .console()
                    .print("  its certificates are not revoked; copies of them are accepted until they expire");
        }
    }

    private static void confirm(String question) {
        boolean isWanted = Console.confirm(question)
                .orElseThrow(() -> new Failure(
                        ExitCode.USAGE,
                        List.of(
                                "cannot ask before deleting: standard input is no terminal",
                                "add --yes to delete it")));
        if (!isWanted) {
            throw new Failure(ExitCode.FAILED, "nothing was deleted");
        }
    }

    @Command(name = "revoke", description = "Revokes all valid certificates of a name, or one by its serial number.")
    void revoke(
            @Parameters(paramLabel = "NAME|SERIAL", description = "a credential's name, or 0x and a serial number")
                    String which,
            @Option(
                            names = "--reason",
                            paramLabel = "REASON",
                            defaultValue = "unspecified",
                            description = "why, in the words of RFC 5280; default ${DEFAULT-VALUE}")
                    String reason) {
        RevocationReason why = reason(reason);
        List<Issued> revoked = withAuthority(
                invocation.settings(),
                authority -> which.matches("0x[0-9A-Fa-f]{1,40}")
                        ? List.of(authority.revoke(new BigInteger(which.substring(2), 16), why))
                        : authority.revoke(which, why));
        if (invocation.wantsJson()) {
            invocation.console().json(Map.of("revoked", serialNumbers(revoked)));
        } else {
            print(revoked);
        }
    }

    private void print(List<Issued> revoked) {
        Console console = invocation.console();
        revoked.forEach(issued -> console.print("revoked " + issued.credential() + ", serial number "
                + issued.serialNumber().toString(16)));
        if (!revoked.isEmpty()) {
            console.print(
                    "  servers of this store read crl.pem within seconds, and machines that joined fetch it within five"
                            + " minutes; copy it to others");
        }
    }

    private static List<String> serialNumbers(List<Issued> revoked) {
        return revoked.stream()
                .map(issued -> issued.serialNumber().toString(16))
                .toList();
    }

    @Command(
            name = "rollover",
            description = "Replaces the authority in three steps without refusing a peer, or shows the step reached.")
    void rollover(
            @Parameters(
                            paramLabel = "prepare|switch-over|finish|status",
                            description = "prepare adds the new trust anchor to every ca.crt, switch-over lets the new"
                                    + " authority sign, finish removes the old one; status changes nothing")
                    String step) {
        Settings settings = invocation.settings();
        withAuthority(settings, authority -> {
            new RolloverSteps(invocation, again(settings)).take(step, authority.rollover());
            return authority;
        });
    }

    private static List<Map<String, Object>> objects(List<CertificateView> views) {
        return views.stream().map(CertificateView::asObject).toList();
    }

    private void report(String verb, String name, Issuance issuance, OtherNames names) {
        report(verb, name, issuance);
        if (names.areGiven() && !invocation.wantsJson()) {
            CertificateView view = CertificateView.sound(name, issuance.chain());
            invocation.console().print("  its names are now " + String.join(", ", view.printableNames()));
        }
    }

    private void report(String verb, String name, Issuance issuance) {
        CertificateView view = CertificateView.sound(name, issuance.chain());
        Console console = invocation.console();
        if (invocation.wantsJson()) {
            console.json(view.asObject());
        } else {
            console.print(
                    console.styled(Style.GOOD, verb), " " + name + " for " + view.identity() + ", " + view.left());
        }
    }

    private <T> T withAuthority(Settings settings, Function<Authority, T> act) {
        Store store = Store.at(settings.get(Keys.DIR));
        Stores.requireAccess(store.directory().resolve("authority"), AccessMode.EXECUTE);
        JoinedStore.requireAuthority(store);
        Optional<Passphrase> secret = passphrase.read();
        try (AuditLog audit = Stores.audit(settings);
                Authority authority = Authority.open(store, secret, Surroundings.system(audit))) {
            return act.apply(authority);
        }
    }

    /** The options with which the next command reaches the same store, with a blank before each. */
    private String again(Settings settings) {
        return ShellWords.sameDir(settings) + passphrase.again();
    }

    private static RevocationReason reason(String text) {
        return Arrays.stream(RevocationReason.values())
                .filter(reason -> reason.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new BadSettingException("--reason: '" + text + "' is none of "
                        + Arrays.stream(RevocationReason.values())
                                .map(RevocationReason::text)
                                .collect(Collectors.joining(", "))));
    }

    // The output of --json, in this order.
    private record Listed(
            List<Map<String, Object>> credentials,
            List<String> unreadable,
            @Nullable String token,
            List<Object> trustAnchors) {}

    private record Checked(boolean good, List<Map<String, Object>> bad, List<String> unreadable) {}

    private record Deleted(String deleted, List<String> revoked) {}
}
