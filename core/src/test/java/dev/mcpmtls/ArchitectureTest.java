// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The dependencies between the packages of this module. */
@AnalyzeClasses(packages = "dev.mcpmtls", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule arrows = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("files")
            .definedBy("dev.mcpmtls.files..")
            .layer("remedy")
            .definedBy("dev.mcpmtls.remedy..")
            .layer("identity")
            .definedBy("dev.mcpmtls.identity..")
            .layer("trust")
            .definedBy("dev.mcpmtls.trust..")
            .layer("authz")
            .definedBy("dev.mcpmtls.authz..")
            .layer("audit")
            .definedBy("dev.mcpmtls.audit..")
            .whereLayer("files")
            .mayNotAccessAnyLayer()
            .whereLayer("remedy")
            .mayNotAccessAnyLayer()
            .whereLayer("audit")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("authz")
            .mayOnlyBeAccessedByLayers("audit")
            .whereLayer("trust")
            .mayOnlyBeAccessedByLayers("authz", "audit");

    @ArchTest
    static final ArchRule onlyTheJdk = classes()
            .that()
            .resideInAnyPackage(
                    "dev.mcpmtls.files..",
                    "dev.mcpmtls.remedy..",
                    "dev.mcpmtls.identity..",
                    "dev.mcpmtls.trust..",
                    "dev.mcpmtls.authz..",
                    "dev.mcpmtls.audit..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.mcpmtls..", "java..", "javax.crypto..", "javax.security.auth.x500..", "org.jspecify..");
}
