// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.audit.AuditUnavailableException;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.auditlog.AuditSettings;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.gateway.pins.EntryPins;
import dev.mcpmtls.protocol.pins.ToolsLock;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import dev.mcpmtls.runtime.settings.AuditKeys;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the audit logs in the store, and checks the names and files of credentials. */
public final class Stores {

    private static final Logger log = LoggerFactory.getLogger(Stores.class);
    private static final String CLIENT = "-client";

    private Stores() {}

    /** The audit log of servers and of the authority; makes the store's directory, owner-only, where it is missing. */
    public static AuditLog audit(Settings settings) {
        return open(settings, auditFile(settings), "mcp-mtls");
    }

    /** The audit log of commands that connect to servers, so that the trail of a server and of its clients stay apart. */
    public static AuditLog clientAudit(Settings settings, String service) {
        return open(settings, clientAuditFile(settings), service);
    }

    /** The trust domain of new names: the configured one, else that of the authority in the store. */
    public static String trustDomain(Settings settings) {
        String configured = settings.get(Keys.TRUST_DOMAIN);
        return settings.origin(Keys.TRUST_DOMAIN).equals("default")
                ? Store.at(settings.get(Keys.DIR)).trustDomain().orElse(configured)
                : configured;
    }

    public static Path auditFile(Settings settings) {
        return settings.inStore(settings.get(AuditKeys.AUDIT_FILE));
    }

    /** The file of tool pins. */
    public static Path toolsLock(Settings settings) {
        return settings.inStore(Path.of(ToolsLock.FILE_NAME));
    }

    /** The file of what pinned servers of ours offered that is not as it was pinned. */
    public static Path toolsOffered(Settings settings) {
        return toolsLock(settings).resolveSibling(EntryPins.OFFERED);
    }

    /** {@code audit-client.jsonl} beside {@code audit.jsonl}. */
    public static Path clientAuditFile(Settings settings) {
        Path file = auditFile(settings);
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return file.resolveSibling(dot < 0 ? name + CLIENT : name.substring(0, dot) + CLIENT + name.substring(dot));
    }

    /**
     * A text that can be the name of a credential of the store.
     *
     * @throws BadSettingException when it cannot
     */
    public static String credentialName(String text) {
        try {
            Store.at(Path.of("")).credential(text);
            return text;
        } catch (IllegalArgumentException e) {
            throw new BadSettingException(String.valueOf(e.getMessage()));
        }
    }

    /** The only credential of a store, if it came over the network; empty when there are others, or one that has the usual name. */
    public static Optional<String> onlyJoined(Settings settings) {
        Store store = Store.at(settings.get(Keys.DIR));
        List<String> names = store.credentialNames();
        return names.size() == 1 && store.renewalSource(names.get(0)).isPresent()
                ? Optional.of(names.get(0))
                : Optional.empty();
    }

    /**
     * Throws when this user has no access to a file, which otherwise would seem to be missing.
     *
     * @param modes the access to check; none for whether it is there
     */
    public static void requireAccess(Path path, AccessMode... modes) {
        try {
            path.getFileSystem().provider().checkAccess(path, modes);
        } catch (AccessDeniedException e) {
            throw new SetupException.NoAccess(
                    path + " is not readable by this user (" + System.getProperty("user.name")
                            + "); run this as the owner of the store, or choose another "
                            + Remedy.of(Setting.STORE),
                    e);
        } catch (IOException e) {
            // The code that uses the file reports that it is missing.
        }
    }

    /** Whether no audit log is wanted; a file of that name is {@code ./off}. */
    public static boolean isAuditOff(Settings settings) {
        return settings.get(AuditKeys.AUDIT_FILE).equals(Path.of("off"));
    }

    private static AuditLog open(Settings settings, Path file, String service) {
        if (isAuditOff(settings)) {
            log.warn("audit.file is off: nothing that happens is recorded");
            return AuditLog.off();
        }
        makeDirectory(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        AuditSettings audit = AuditSettings.of(file)
                .withSync(settings.get(AuditKeys.AUDIT_SYNC))
                .withOnFailure(settings.get(AuditKeys.AUDIT_ON_FAILURE))
                .withRotation(settings.get(AuditKeys.AUDIT_ROTATE_SIZE), settings.get(AuditKeys.AUDIT_ROTATE_AFTER));
        try {
            return AuditLog.open(audit, service);
        } catch (AuditUnavailableException e) {
            Path store = settings.get(Keys.DIR);
            if (file.startsWith(store)) {
                Store.at(store).requireOwn(); // another user's store, not its log, is the cause
            }
            throw e;
        }
    }

    private static void makeDirectory(Path directory) {
        try {
            OwnedFiles.createDirectories(directory);
        } catch (IOException e) {
            throw new SetupException.NoAccess(
                    "cannot make the directory " + directory + ": " + Failures.reason(e) + "; choose another "
                            + Remedy.of(Setting.STORE),
                    e);
        }
    }
}
