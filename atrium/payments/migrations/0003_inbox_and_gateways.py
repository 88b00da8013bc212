import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0002_sandbox'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GatewayHealth',
            fields=[
                ('slug', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('rests_until', models.DateTimeField(blank=True, null=True)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='GatewaySetting',
            fields=[
                ('slug', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('is_enabled', models.BooleanField(default=True)),
                ('currencies', models.CharField(blank=True, max_length=300)),
                ('order', models.PositiveSmallIntegerField(default=100)),
                ('sealed_keys', models.TextField(blank=True)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['order', 'slug'],
            },
        ),
        migrations.AddField(
            model_name='payment',
            name='accepted',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='payment',
            name='differing',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='payment',
            name='judged_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='refund',
            name='approved_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='refund',
            name='approved_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='refund',
            name='called_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='refund',
            name='is_stray',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='refund',
            name='needs_second',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='refund',
            name='tries',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='webhookevent',
            name='next_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='Inbox',
            fields=[
                ('id', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ('is_rung', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='payments_one_inbox')],
            },
        ),
    ]
