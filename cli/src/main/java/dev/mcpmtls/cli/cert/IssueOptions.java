// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.cert;

import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.AuthorityException;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Issuance;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.SigningRequest;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.OptionValue;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.trust.TrustAnchors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that say what a new certificate holds. */
final class IssueOptions {

    private static final int MAX_REQUEST_BYTES = 1024 * 1024;

    @Parameters(paramLabel = "NAME", description = "the name of the new credential")
    private String name = "";

    @Mixin
    private GrantOptions granted = new GrantOptions();

    @Option(names = "--key", paramLabel = "TYPE", description = "the type of its new key; default authority.key")
    private @Nullable String key;

    @Option(
            names = "--csr",
            paramLabel = "FILE",
            description = "a signing request in PEM, for a key that stays where it is")
    private @Nullable Path request;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "the file for the chain of a signing request; ca.crt goes beside it")
    private @Nullable Path out;

    String name() {
        return name;
    }

    /** Names the files written outside the store, and the key that they still lack. */
    Optional<String> written() {
        return Optional.ofNullable(out)
                .map(file -> "  " + file + " and " + file.resolveSibling(TrustAnchors.FILE)
                        + " are written; put the key beside them as tls.key");
    }

    Issuance apply(Authority authority, Settings settings) {
        Grant grant = granted.grant(settings, name);
        String origin = granted.originOfLifetime(settings);
        if (!origin.equals("default")) {
            requireWithin(authority, origin, grant.lifetime());
        }
        if (request == null && out != null) {
            throw new BadSettingException("--out is for --csr; a credential with a new key goes into the store");
        }
        if (request == null) {
            return authority.issue(grant, keyType(settings));
        }
        return sign(authority, grant, request, out());
    }

    /** Refuses a lifetime that the authority would cut, because it expires before. */
    static void requireWithin(Authority authority, String origin, Duration lifetime) {
        try {
            authority.requireWithin(lifetime);
        } catch (AuthorityException.Refused e) {
            throw new Failure(
                    ExitCode.USAGE,
                    Stream.concat(Stream.of(origin + ": " + e.problem()), e.remedy().stream())
                            .toList());
        }
    }

    /** Checks first: a certificate that cannot be written down is not issued. */
    private static Issuance sign(Authority authority, Grant grant, Path request, Path out) {
        Path anchors = out.resolveSibling(TrustAnchors.FILE);
        boolean hasAnchors = isThere(anchors);
        boolean isFile = Files.isRegularFile(anchors); // a pipe would be waited for
        if (hasAnchors
                && !(isFile
                        && TrustAnchors.load(anchors)
                                .certificates()
                                .equals(authority.anchors().certificates()))) {
            throw new BadSettingException("--out: " + anchors
                    + " holds other trust anchors and is not overwritten; choose another directory");
        }
        SigningRequest parsed = parse(request);
        try {
            Path directory = OwnedFiles.directoryOf(out);
            OwnedFiles.requireWritable(directory);
            Files.createDirectories(directory);
            Issuance signed = authority.sign(grant, parsed);
            Files.write(out, signed.chainPem(), StandardOpenOption.CREATE_NEW);
            if (!hasAnchors) {
                Files.write(anchors, signed.anchorsPem(), StandardOpenOption.CREATE_NEW);
            }
            return signed;
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.USAGE,
                    List.of(
                            "cannot write " + out + ": " + Failures.reason(e),
                            "correct that, or name a file elsewhere with --out"),
                    e);
        }
    }

    private static SigningRequest parse(Path request) {
        try {
            return SigningRequest.parse(read(request));
        } catch (AuthorityException.Refused e) {
            List<String> lines = new ArrayList<>(List.of("--csr: " + request + ": " + e.problem()));
            e.remedy().ifPresent(lines::add);
            throw new Failure(ExitCode.USAGE, lines, e);
        }
    }

    private static byte[] read(Path request) {
        try {
            return SmallFiles.read(request, MAX_REQUEST_BYTES);
        } catch (NoSuchFileException e) {
            throw new Failure(ExitCode.USAGE, "--csr: there is no file " + request, e);
        } catch (IOException e) {
            throw new Failure(ExitCode.USAGE, "--csr: cannot read " + request + ": " + Failures.reason(e), e);
        }
    }

    private Path out() {
        if (out == null) {
            throw new BadSettingException(
                    "--out: name the file for the chain, for example tls.crt; ca.crt goes beside it");
        }
        if (out.endsWith(TrustAnchors.FILE)) {
            throw new BadSettingException("--out: ca.crt is for the trust anchors; call the chain something else");
        }
        if (isThere(out)) {
            throw new BadSettingException("--out: " + out
                    + " exists and is not overwritten; choose another directory, and move the files from there");
        }
        return out;
    }

    /** A link that leads nowhere is there too. */
    private static boolean isThere(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    private KeyType keyType(Settings settings) {
        return key == null ? settings.get(Keys.AUTHORITY_KEY) : OptionValue.parse("--key", key, KeyType::parse);
    }
}
