// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import dev.mcpmtls.authority.Issuance;
import dev.mcpmtls.authority.Issued;
import dev.mcpmtls.authority.Passphrase;
import dev.mcpmtls.authority.RevocationReason;
import dev.mcpmtls.authority.Rollover;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.cli.Console.Style;
import dev.mcpmtls.cli.settings.BadSettingException;
import dev.mcpmtls.cli.settings.Keys;
import dev.mcpmtls.cli.settings.Settings;
import dev.mcpmtls.cli.settings.Type;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.trust.TrustAnchors;
import java.math.BigInteger;
import java.nio.file.AccessMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The credentials and the authority. */
@Command(name = "cert", description = "Lists, shows, issues, renews and revokes certificates.")
final class CertCommand implements Runnable {

    private final Invocation invocation;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final PassphraseOption passphrase;

    CertCommand(Invocation invocation) {
        this.invocation = invocation;
        this.passphrase = new PassphraseOption(invocation);
    }

    @Override
    public void run() {
        throw new ParameterException(
                java.util.Objects.requireNonNull(spec).commandLine(), "cert needs to know what to do");
    }

    @Command(name = "list", description = "Lists the credentials of the store.")
    void list() {
        Certificates certificates = new Certificates(invocation.settings());
        List<CertificateView> all = certificates.all();
        if (invocation.wantsJson()) {
            invocation.console().json(new Listed(objects(all), certificates.unreadable()));
            return;
        }
        certificates.unreadable().forEach(invocation.console()::complain);
        Table table = new Table();
        for (CertificateView view : all) {
            table.row(view.name(), view.identity(), String.join(",", view.purposes()), view.status(), view.left());
        }
        table.printTo(invocation.console());
    }

    @Command(
            name = "show",
            description =
                    "Shows a credential of the store, a file (PEM, DER, PKCS#12), or what a server presents, with the chain.")
    void show(@Parameters(paramLabel = "NAME|FILE|URL") String name) {
        Certificates certificates = new Certificates(invocation.settings());
        CertificateView view = certificates.find(name);
        if (invocation.wantsJson()) {
            invocation.console().json(view.asObject());
        } else {
            view.printTo(invocation.console(), certificates.anchor(view));
        }
    }

    @Command(name = "check", description = "Ends with 0 when every certificate is good for long enough, else with 5.")
    int check(
            @Option(
                            names = "--within",
                            paramLabel = "DURATION",
                            defaultValue = "1s",
                            description = "how long they must still be good")
                    String within,
            @Parameters(paramLabel = "NAME|FILE|URL", arity = "0..*") List<String> names) {
        Certificates certificates = new Certificates(invocation.settings());
        List<CertificateView> all = names == null || names.isEmpty()
                ? certificates.all()
                : names.stream().map(certificates::find).toList();
        Instant then = Instant.now().plus(duration("--within", within));
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

    @Command(name = "issue", description = "Issues a certificate, with a new key or for a signing request.")
    void issue(@Mixin IssueOptions options) {
        Settings settings = invocation.settings();
        Issuance issuance = withAuthority(settings, authority -> options.apply(authority, settings));
        report("issued", options.name(), issuance);
        options.written().filter(files -> !invocation.wantsJson()).ifPresent(invocation.console()::print);
    }

    @Command(name = "renew", description = "Renews a credential's certificate; key, names and lifetime stay.")
    void renew(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--lifetime", paramLabel = "DURATION", description = "another lifetime than before")
                    @Nullable
                    String lifetime) {
        Optional<Duration> other = Optional.ofNullable(lifetime).map(text -> duration("--lifetime", text));
        Issuance issuance = withAuthority(
                invocation.settings(),
                authority -> other.map(time -> authority.renew(name, time)).orElseGet(() -> authority.renew(name)));
        report("renewed", name, issuance);
    }

    @Command(
            name = "rekey",
            description = "Gives a credential a new key and certificate; also brings a revoked one back.")
    void rekey(@Parameters(paramLabel = "NAME") String name) {
        report("rekeyed", name, withAuthority(invocation.settings(), authority -> authority.rekey(name)));
    }

    @Command(name = "revoke", description = "Revokes all good certificates of a name, or one by its serial number.")
    void revoke(
            @Parameters(paramLabel = "NAME|SERIAL", description = "a credential's name, or 0x and a serial number")
                    String which,
            @Option(names = "--reason", paramLabel = "REASON", defaultValue = "unspecified") String reason) {
        RevocationReason why = reason(reason);
        List<Issued> revoked = withAuthority(
                invocation.settings(),
                authority -> which.matches("0x[0-9A-Fa-f]{1,40}")
                        ? List.of(authority.revoke(new BigInteger(which.substring(2), 16), why))
                        : authority.revoke(which, why));
        if (invocation.wantsJson()) {
            invocation
                    .console()
                    .json(Map.of(
                            "revoked",
                            revoked.stream()
                                    .map(issued -> issued.serialNumber().toString(16))
                                    .toList()));
        }
        for (Issued issued : invocation.wantsJson() ? List.<Issued>of() : revoked) {
            invocation
                    .console()
                    .print("revoked " + issued.credential() + ", serial number "
                            + issued.serialNumber().toString(16));
        }
        if (!invocation.wantsJson()) {
            invocation
                    .console()
                    .print("  servers of this store learn of it from crl.pem within seconds; copy it to others");
        }
    }

    @Command(name = "rollover", description = "Replaces the authority in three steps, between which nobody is refused.")
    void rollover(
            @Parameters(
                            paramLabel = "prepare|switch-over|finish",
                            description =
                                    "prepare has everybody trust the new one as well, switch-over lets it sign, finish forgets the old one")
                    String step) {
        Settings settings = invocation.settings();
        TrustAnchors anchors = withAuthority(settings, authority -> take(step, authority.rollover(), settings));
        List<String> names = anchors.certificates().stream()
                .map(anchor -> Printable.clean(anchor.getSubjectX500Principal().getName()))
                .toList();
        if (invocation.wantsJson()) {
            invocation.console().json(new RolledOver(step, names));
        } else {
            invocation
                    .console()
                    .print(step + " done; every ca.crt of the store now holds " + String.join(" and ", names));
            next(step).ifPresent(invocation.console()::print);
        }
    }

    private static Optional<String> next(String step) {
        return switch (step) {
            case "prepare" ->
                Optional.of(
                        "  next, when it has reached everybody, also outside of this store: cert rollover switch-over");
            case "switch-over" ->
                Optional.of(
                        "  next, when every credential is renewed (cert renew NAME, or by itself): cert rollover finish");
            default -> Optional.empty();
        };
    }

    private static TrustAnchors take(String step, Rollover rollover, Settings settings) {
        return switch (step) {
            case "prepare" -> rollover.prepare(InitCommand.profile(settings, Hierarchy.ROOT_ONLY));
            case "switch-over" -> rollover.switchOver();
            case "finish" -> rollover.finish();
            default ->
                throw new BadSettingException(
                        "cert rollover: '" + step + "' is no step; there are prepare, switch-over and finish");
        };
    }

    private static List<Map<String, Object>> objects(List<CertificateView> views) {
        return views.stream().map(CertificateView::asObject).toList();
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
        if (!store.hasAuthority()) {
            throw new Failure(
                    ExitCode.USAGE,
                    "there is no authority in " + store.directory() + "; run 'mcp-mtls init', or check --dir");
        }
        Optional<Passphrase> secret = passphrase.read();
        try (AuditLog audit = Stores.audit(settings);
                Authority authority = Authority.open(store, secret, Surroundings.system(audit))) {
            return act.apply(authority);
        }
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

    static Duration duration(String option, String text) {
        try {
            return Type.parseDuration(text);
        } catch (IllegalArgumentException e) {
            throw new BadSettingException(option + ": " + e.getMessage());
        }
    }

    // What --json prints, in this order.
    private record Listed(List<Map<String, Object>> credentials, List<String> unreadable) {}

    private record Checked(boolean good, List<Map<String, Object>> bad, List<String> unreadable) {}

    private record RolledOver(String step, List<String> anchors) {}
}
