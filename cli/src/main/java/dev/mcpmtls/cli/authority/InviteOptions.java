// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.authority;

import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.Enrolment.NewInvitation;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Invitation;
import dev.mcpmtls.authority.Issued;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.cli.cert.GrantOptions;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.OptionValue;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.enrolment.JoinToken;
import dev.mcpmtls.identity.IpAddress;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Settings;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that say what an invitation grants. */
final class InviteOptions {

    private static final Duration LONGEST = Duration.ofDays(7);

    @Parameters(paramLabel = "NAME", description = "the name of the machine's credential, for example laptop-7")
    private String name = "";

    @Mixin
    private GrantOptions granted = new GrantOptions();

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            defaultValue = "15m",
            description = "how long the token is valid; default ${DEFAULT-VALUE}, at most 7d")
    private String ttl = "15m";

    @Option(
            names = "--uses",
            paramLabel = "NUMBER",
            defaultValue = "1",
            description = "how many machines may join with it; default ${DEFAULT-VALUE}")
    private int uses = 1;

    @Option(names = "--local", description = "allow an address that only this machine can reach")
    private boolean isLocal;

    /**
     * The invitation, and the token that goes with it.
     *
     * @param note that the name is in use already; empty when it is not
     */
    record Made(Invitation invitation, JoinToken token, Optional<String> note) {}

    /** Makes the invitation, once all options were checked. */
    Made invite(Authority authority, Store store, Settings settings) {
        Grant grant = grant(settings);
        Duration validity = OptionValue.duration("--ttl", ttl);
        if (validity.compareTo(LONGEST) > 0) {
            throw new BadSettingException("--ttl: a token is valid for at most 7d; invite again when it is needed");
        }
        if (uses < 1 || uses > 1_000) {
            throw new BadSettingException("--uses: " + uses + " is not a number from 1 to 1000");
        }
        URI address = address(store, settings);
        Optional<String> note = note(authority, store);
        NewInvitation made = authority.enrolment().invite(grant, validity, uses);
        PublicKeyPin pin =
                PublicKeyPin.of(authority.anchors().certificates().get(0).getPublicKey());
        String id = made.invitation().id();
        return new Made(made.invitation(), new JoinToken(address, pin, id, made.secret(), grant.name()), note);
    }

    /** A revocation is by name, so two machines that share one are revoked together. */
    private Optional<String> note(Authority authority, Store store) {
        String both = ": both machines will have that name, and 'cert revoke " + name + "' locks both out";
        if (store.holds(name)) {
            return Optional.of("note: the credential " + name + " exists in " + store.directory() + both);
        }
        Instant now = Instant.now();
        return authority.issued().stream()
                .filter(issued -> issued.credential().equals(name) && issued.status(now) == Issued.Status.VALID)
                .reduce((before, after) -> after)
                .map(issued -> "note: " + name + " has a certificate that is valid until "
                        + issued.notAfter().truncatedTo(ChronoUnit.SECONDS) + both);
    }

    private URI address(Store store, Settings settings) {
        String serve = "run 'mcp-mtls authority serve --listen 0.0.0.0:8440 --name HOST" + ShellWords.sameDir(settings)
                + "' with the name under which others reach this machine";
        URI address = store.address()
                .orElseThrow(() -> new Failure(
                        ExitCode.USAGE,
                        List.of(
                                "cannot invite: 'mcp-mtls authority serve' has not run here, so no address is known",
                                serve)));
        if (!isLocal && isThisMachine(address.getHost())) {
            throw new Failure(
                    ExitCode.USAGE,
                    List.of(
                            "cannot invite: only this machine can reach " + address,
                            serve,
                            "or, for another directory of this machine, run 'mcp-mtls authority invite " + name
                                    + " --local" + ShellWords.sameDir(settings) + "'"));
        }
        return address;
    }

    private static boolean isThisMachine(String host) {
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || IpAddress.of(host.replaceAll("[\\[\\]]", ""))
                        .map(IpAddress::address)
                        .filter(address -> address.isLoopbackAddress() || address.isAnyLocalAddress())
                        .isPresent();
    }

    private Grant grant(Settings settings) {
        if (granted.isServerWithoutNames()) {
            throw new BadSettingException(
                    "--san: a server needs the names under which clients reach it, for example --san"
                            + " files.example.org");
        }
        return granted.grant(settings, name);
    }
}
